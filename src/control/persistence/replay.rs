//! The way back from a log to a state.

use std::{
    fmt::Display,
    fs::File,
    io::{BufRead as _, BufReader},
    path::Path,
    sync::Arc,
};

use chrono::{DateTime, Utc};

use crate::{
    control::{
        Clock,
        fixture::{self, Findings, Source},
    },
    ecm::{
        CATALOG, Store,
        ids::IdSequence,
        store::{InvalidSettle, Settings},
    },
    protocol::{Context, Tree, decode::Encoding, params::Params},
};

use super::{
    directory::StateError,
    log::{AccountFile, Header, Log, SavedState},
    record::{Record, SavedClock},
};

/// An account as it was before the restart.
#[derive(Debug)]
pub struct Restored {
    pub account: String,
    pub lane: u64,
    pub store: Store,
    pub clock: Clock,
    pub file: Arc<AccountFile>,
    pub log: Log,
}

/// The reader of one log.
pub(super) struct Reader<'a> {
    path: &'a Path,
    lines: BufReader<File>,
    /// Number of the last line.
    number: usize,
    /// Bytes of the complete lines so far.
    bytes: u64,
}

/// The state that a log has led to so far.
#[derive(Debug)]
pub(super) struct Replayed {
    pub(super) store: Store,
    /// The clock, if it was set.
    pub(super) clock: Option<SavedClock>,
    /// Bytes of the complete lines.
    pub(super) bytes: u64,
}

impl<'a> Reader<'a> {
    pub(super) fn open(path: &'a Path) -> Result<Self, StateError> {
        let file = File::open(path).map_err(|error| StateError::io("read", path, error))?;
        Ok(Self { path, lines: BufReader::new(file), number: 0, bytes: 0 })
    }

    /// Reads a line with its end, or `None` at the end of the file.
    ///
    /// An incomplete line is the end: the process was killed while it wrote the line, so the change was not
    /// acknowledged.
    fn line(&mut self) -> Result<Option<String>, StateError> {
        let mut line = Vec::new();
        let read = self.lines.read_until(b'\n', &mut line);
        read.map_err(|error| StateError::io("read", self.path, error))?;
        if line.ends_with(b"\n") {
            self.number += 1;
            self.bytes += line.len() as u64;
            return String::from_utf8(line).map(Some).map_err(|error| self.invalid(&error));
        }
        if !line.is_empty() {
            let (path, number) = (self.path.display(), self.number + 1);
            tracing::warn!(
                "{path}:{number}: dropped an incomplete line, a change that was not acknowledged"
            );
        }
        Ok(None)
    }

    /// Reads the first line. `None` if it is incomplete, so that nothing was acknowledged.
    pub(super) fn header(&mut self) -> Result<Option<Header>, StateError> {
        let Some(line) = self.line()? else { return Ok(None) };
        serde_json::from_str(&line).map(Some).map_err(|error| self.invalid(&error))
    }

    /// Replays the lines after the header. `initial` returns the state with a hash.
    pub(super) fn replay(
        mut self,
        header: &Header,
        initial: impl FnOnce(&str) -> Result<Store, StateError>,
    ) -> Result<Replayed, StateError> {
        let (store, clock) = if let Some(hash) = &header.initial {
            (initial(hash)?.with_ids(IdSequence::new(header.lane)), None)
        } else {
            let line = self.line()?.unwrap_or_default();
            state(&line, header).map_err(|problem| self.invalid(&problem))?
        };
        let mut replayed = Replayed { store, clock, bytes: 0 };
        while let Some(line) = self.line()? {
            let record = serde_json::from_str(&line).map_err(|error| self.invalid(&error))?;
            replayed.apply(record).map_err(|problem| self.invalid(&problem))?;
        }
        Ok(Replayed { bytes: self.bytes, ..replayed })
    }

    fn invalid(&self, problem: &dyn Display) -> StateError {
        StateError::Line {
            path: self.path.to_owned(),
            line: self.number,
            problem: problem.to_string(),
        }
    }
}

/// Reads the state of a compacted log.
fn state(line: &str, header: &Header) -> Result<(Store, Option<SavedClock>), String> {
    let saved: SavedState<'_> = serde_json::from_str(line).map_err(|error| error.to_string())?;
    // An export has all times, so no time is needed.
    let mut store = load(saved.fixture.get(), header.settings()?, DateTime::UNIX_EPOCH)?
        .with_ids(IdSequence::resumed(header.lane, saved.ids));
    let delay = saved.visible_after.parse().map_err(|error: InvalidSettle| error.to_string())?;
    store.set_visible_after(delay);
    store.hide_all(saved.hidden.iter().map(|(id, until)| (id.as_str(), (*until).into())));
    store.set_creators(saved.created.iter().map(|(id, call)| (id.as_str(), *call)));
    Ok((store, saved.clock))
}

/// Loads a fixture as the whole state of an account.
pub(super) fn load(text: &str, settings: Settings, now: DateTime<Utc>) -> Result<Store, String> {
    let loaded = fixture::load(&[source(text)], settings, now).map_err(|it| first(&it))?;
    Ok(loaded.store)
}

fn source(text: &str) -> Source {
    Source { file: "the fixture".into(), text: text.into() }
}

/// Returns the first problem of a fixture.
fn first(findings: &Findings) -> String {
    findings.lines().next().unwrap_or_default()
}

impl Replayed {
    /// Applies a record.
    fn apply(&mut self, record: Record<'_>) -> Result<(), String> {
        let store = &mut self.store;
        match record {
            Record::Call { at, request_id, action, is_text, params } => {
                store.pass_time(at);
                let encoding = if is_text { Encoding::Text } else { Encoding::Json };
                let members = Tree::from_json(params.get().as_bytes());
                let members = members.map_err(|_| "the parameters are not valid JSON")?;
                let action =
                    CATALOG.find(&action).ok_or_else(|| format!("unknown action {action}"))?;
                let cx = Context { now: at, request_id };
                let call = action.decode(&Params::new(members, encoding));
                let ran = call.and_then(|call| store.run(call, &cx));
                let (output, _) = ran.map_err(|error| {
                    format!("{} fails with {}", action.model.name, error.code.as_str())
                })?;
                output.settle(store);
            }
            Record::Time { at } => _ = store.pass_time(at),
            Record::Put { at, fixture } => {
                let loaded = load(&fixture, *store.settings(), at)?;
                *store = loaded.with_ids(store.ids().clone());
            }
            Record::Patch { at, fixture } => {
                store.pass_time(at);
                *store =
                    fixture::merge(store, &source(&fixture), at).map_err(|it| first(&it))?.store;
            }
            Record::Announce { at, ha_vip, by } => {
                store.pass_time(at);
                let announced = match by {
                    Some(by) => store.announce(ha_vip, by),
                    None => store.withdraw(ha_vip),
                };
                announced.map_err(|error| error.to_string())?;
            }
            Record::Bind { at, ha_vip, address } => {
                store.pass_time(at);
                store.bind_ha_vip(ha_vip, address).map_err(|error| error.to_string())?;
            }
            Record::Visibility { at, after } => {
                store.pass_time(at);
                store.set_visible_after(after.parse().map_err(|it: InvalidSettle| it.to_string())?);
            }
            Record::Clock { clock } => self.clock = Some(clock),
        }
        Ok(())
    }
}
