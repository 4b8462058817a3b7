//! The records of a log: what changed an account, one JSON object a line.

use std::borrow::Cow;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::{
    control::Clock,
    ecm::ids::{AddressId, HaVipId, NetworkInterfaceId},
    protocol::{Context, tree::Members},
};

/// A change of an account.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all_fields = "PascalCase")]
pub enum Record<'a> {
    /// A call, also a read that settled a pending change.
    Call {
        at: DateTime<Utc>,
        request_id: Uuid,
        action: Cow<'a, str>,
        /// Whether all scalars are strings, as in a form.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_text: bool,
        #[serde(borrow)]
        params: &'a RawValue,
    },
    /// Pending changes were due.
    Time { at: DateTime<Utc> },
    /// A fixture replaced the resources.
    Put { at: DateTime<Utc>, fixture: Cow<'a, str> },
    /// A fixture was merged into the resources.
    Patch { at: DateTime<Utc>, fixture: Cow<'a, str> },
    /// An interface announced a HAVIP, or no interface does.
    Announce { at: DateTime<Utc>, ha_vip: HaVipId, by: Option<NetworkInterfaceId> },
    /// An EIP was bound to a HAVIP, or none is.
    Bind { at: DateTime<Utc>, ha_vip: HaVipId, address: Option<AddressId> },
    /// The delay until Describe calls show new resources was set.
    Visibility { at: DateTime<Utc>, after: String },
    /// The clock was set.
    Clock { clock: SavedClock },
}

/// The action and the parameters of a call.
#[derive(Debug)]
pub struct CallSource {
    action: &'static str,
    is_text: bool,
    params: Box<RawValue>,
}

impl CallSource {
    /// Keeps a JSON body, which must be valid.
    pub fn json(action: &'static str, body: &[u8]) -> Option<Self> {
        // A record is a line. JSON has line breaks only between its tokens.
        let line: Vec<u8> =
            body.iter().map(|it| if matches!(it, b'\n' | b'\r') { b' ' } else { *it }).collect();
        let params = RawValue::from_string(String::from_utf8(line).ok()?).ok()?;
        Some(Self { action, is_text: false, params })
    }

    /// Keeps the parameters of a query or a form.
    pub fn text(action: &'static str, params: &Members<'_>) -> Option<Self> {
        let params = serde_json::value::to_raw_value(params).ok()?;
        Some(Self { action, is_text: true, params })
    }

    /// Returns the record of the call.
    pub fn record(&self, cx: &Context) -> Record<'_> {
        Record::Call {
            at: cx.now,
            request_id: cx.request_id,
            action: self.action.into(),
            is_text: self.is_text,
            params: &self.params,
        }
    }
}

/// A clock as a record keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SavedClock {
    Real,
    /// Seconds and nanoseconds ahead of the machine's clock.
    Ahead(i64, i32),
    Frozen(DateTime<Utc>),
}

impl From<Clock> for SavedClock {
    fn from(clock: Clock) -> Self {
        match clock {
            Clock::Real => Self::Real,
            Clock::Offset(ahead) => Self::Ahead(ahead.num_seconds(), ahead.subsec_nanos()),
            Clock::Frozen(now) => Self::Frozen(now),
        }
    }
}

impl From<SavedClock> for Clock {
    fn from(saved: SavedClock) -> Self {
        match saved {
            SavedClock::Real => Self::Real,
            SavedClock::Ahead(seconds, nanos) => {
                let seconds = TimeDelta::try_seconds(seconds).unwrap_or_default();
                Self::Offset(seconds + TimeDelta::nanoseconds(nanos.into()))
            }
            SavedClock::Frozen(now) => Self::Frozen(now),
        }
    }
}
