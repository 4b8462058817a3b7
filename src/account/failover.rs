//! Failover of HAVIPs.

use std::{fmt, str::FromStr};

use serde_json::Value;

use crate::{Account, ecm, protocol::text::Backticked};

impl Account {
    /// Announces a HAVIP from a network interface, as high-availability software does with ARP.
    /// Returns the HAVIP as `DescribeHaVips` shows it.
    ///
    /// # Errors
    /// Fails if the HAVIP or the interface does not exist, or if the interface is not in the HAVIP's
    /// subnet or not attached to a running instance.
    ///
    /// ```
    /// use ecmock::{Emulator, fixture::Fixture};
    ///
    /// let emulator = Emulator::builder().fixture(Fixture::file("fixtures/failover.json")).build();
    /// let account = emulator.account();
    /// let ha_vip = account.announce("havip-failover", "eni-standby1")?;
    /// assert_eq!(ha_vip["InstanceId"], "ein-standby1");
    /// # Ok::<(), ecmock::FailoverError>(())
    /// ```
    pub fn announce(
        &self,
        ha_vip_id: &str,
        network_interface_id: &str,
    ) -> Result<Value, FailoverError> {
        let (ha_vip, interface) = (parse(ha_vip_id)?, parse(network_interface_id)?);
        Ok(self.record().state().announce(ha_vip, interface)?)
    }

    /// Withdraws a HAVIP, so that no interface announces it. Returns the HAVIP as `DescribeHaVips`
    /// shows it.
    ///
    /// # Errors
    /// Fails if the HAVIP does not exist.
    ///
    /// ```
    /// use ecmock::{Emulator, fixture::Fixture};
    ///
    /// let emulator = Emulator::builder().fixture(Fixture::file("fixtures/failover.json")).build();
    /// let ha_vip = emulator.account().withdraw("havip-failover")?;
    /// assert_eq!(ha_vip["State"], "UNBIND");
    /// # Ok::<(), ecmock::FailoverError>(())
    /// ```
    pub fn withdraw(&self, ha_vip_id: &str) -> Result<Value, FailoverError> {
        Ok(self.record().state().withdraw(parse(ha_vip_id)?)?)
    }

    /// Binds an EIP to a HAVIP, or unbinds its EIP if `address_id` is `None`. Returns the HAVIP as
    /// `DescribeHaVips` shows it.
    ///
    /// # Errors
    /// Fails if the HAVIP or the EIP does not exist, or if the EIP is already bound.
    ///
    /// ```
    /// use ecmock::{Emulator, fixture::Fixture};
    ///
    /// let emulator = Emulator::builder().fixture(Fixture::file("fixtures/failover.json")).build();
    /// let ha_vip = emulator.account().bind_address("havip-failover", None)?;
    /// assert_eq!(ha_vip["AddressIp"], "");
    /// # Ok::<(), ecmock::FailoverError>(())
    /// ```
    pub fn bind_address<'a>(
        &self,
        ha_vip_id: &str,
        address_id: impl Into<Option<&'a str>>,
    ) -> Result<Value, FailoverError> {
        let ha_vip = parse(ha_vip_id)?;
        let address = address_id.into().map(parse).transpose()?;
        Ok(self.record().state().bind_ha_vip(ha_vip, address)?)
    }
}

fn parse<T: FromStr<Err: fmt::Display>>(id: &str) -> Result<T, FailoverError> {
    id.parse().map_err(|error| FailoverError(format!("{} {error}", Backticked(id))))
}

/// An error from a failover that is not possible; see [`Account::announce`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FailoverError(String);

impl From<ecm::Error> for FailoverError {
    fn from(error: ecm::Error) -> Self {
        Self(error.to_string())
    }
}
