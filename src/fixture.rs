//! Fixtures: account state in the format of Describe responses.
//!
//! # Examples
//!
//! ```
//! use ecmock::{Emulator, fixture::Fixture};
//! use serde_json::json;
//!
//! let vpc = json!({ "VpcSet": [{ "VpcId": "vpc-00000001", "CidrBlock": "10.0.0.0/16" }] });
//! let emulator = Emulator::builder().fixture(vpc).build();
//! assert_eq!(emulator.account().state()["VpcSet"][0]["VpcId"], "vpc-00000001");
//!
//! let error = Emulator::builder().fixture(Fixture::text("[]")).try_build().unwrap_err();
//! assert!(error.to_string().contains("must be an object"), "{error}");
//! ```

use std::{fmt, path::PathBuf};

use serde_json::Value;

use crate::control::fixture::{DEMO, Findings, Source};

pub use crate::control::fixture::Finding as Problem;

/// Resources that accounts start with, as JSON in the format of Describe responses: `VpcSet`,
/// `SubnetSet`, `HaVipSet`, and so on.
///
/// ```
/// use ecmock::{Emulator, fixture::Fixture};
///
/// let emulator = Emulator::builder().fixture(Fixture::empty()).build();
/// assert_eq!(emulator.account().state()["VpcSet"], serde_json::json!([]));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixture(pub(crate) Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    File(PathBuf),
    Text(String),
}

impl Fixture {
    /// Returns the default fixture: the VPC and the subnet of the vendor's `CreateHaVip` example, and 15
    /// network interfaces, which use the addresses before 172.16.0.17.
    ///
    /// ```
    /// use ecmock::{Emulator, fixture::Fixture};
    ///
    /// let more = serde_json::json!({ "VpcSet": [{ "VpcId": "vpc-00000001", "CidrBlock": "10.0.0.0/16" }] });
    /// let emulator = Emulator::builder().fixture(Fixture::demo()).fixture(more).build();
    /// assert_eq!(emulator.account().state()["VpcSet"].as_array().map(Vec::len), Some(2));
    /// ```
    pub fn demo() -> Self {
        Self::text(DEMO)
    }

    /// Returns a fixture without resources.
    ///
    /// ```
    /// use ecmock::{Emulator, fixture::Fixture};
    ///
    /// let emulator = Emulator::builder().fixture(Fixture::empty()).build();
    /// ```
    pub fn empty() -> Self {
        Self::text("{}")
    }

    /// Returns a fixture from a JSON file, which is read when the emulator is built.
    ///
    /// ```
    /// use ecmock::{Emulator, fixture::Fixture};
    ///
    /// let emulator = Emulator::builder().fixture(Fixture::file("fixtures/failover.json")).build();
    /// assert_eq!(emulator.account().state()["HaVipSet"][0]["HaVipId"], "havip-failover");
    /// ```
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self(Kind::File(path.into()))
    }

    /// Returns a fixture from JSON text.
    ///
    /// ```
    /// use ecmock::{Emulator, fixture::Fixture};
    ///
    /// let emulator = Emulator::builder().fixture(Fixture::text(r#"{"VpcSet":[]}"#)).build();
    /// ```
    pub fn text(json: impl Into<String>) -> Self {
        Self(Kind::Text(json.into()))
    }

    /// Reads the fixture. In messages, `number` identifies a fixture that is text.
    pub(crate) fn read(self, number: usize) -> Result<Source, Problem> {
        match self.0 {
            Kind::Text(text) => Ok(Source { file: format!("#{number}"), text }),
            Kind::File(path) => {
                let file = path.display().to_string();
                match std::fs::read_to_string(path) {
                    Ok(text) => Ok(Source { file, text }),
                    Err(reason) => Err(Problem {
                        file,
                        path: String::new(),
                        what: format!("cannot be read: {reason}"),
                    }),
                }
            }
        }
    }
}

impl From<Value> for Fixture {
    fn from(json: Value) -> Self {
        Self::text(json.to_string())
    }
}

/// A fixture that cannot be loaded. The message lists the problems, each with its JSON path.
///
/// ```
/// use serde_json::json;
///
/// let account = ecmock::Emulator::new().account();
/// let vpc = json!({ "VpcSet": [{ "VpcId": "vpc-00000001", "CidrBlock": "10.0.0.0/40" }] });
/// let error = account.merge_state(&vpc).unwrap_err();
/// let paths: Vec<&str> = error.problems().iter().map(|problem| problem.path()).collect();
/// assert_eq!(paths, ["$.VpcSet[0].CidrBlock"]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidFixture(pub(crate) Findings);

impl InvalidFixture {
    /// Returns the problems, at most the first 100.
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// let error = account.merge_state(&serde_json::json!({ "VpcSet": 7 })).unwrap_err();
    /// assert_eq!(error.problems().len(), 1);
    /// ```
    pub fn problems(&self) -> &[Problem] {
        self.0.kept()
    }

    /// Returns the total number of problems.
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// let error = account.merge_state(&serde_json::json!({ "VpcSet": 7 })).unwrap_err();
    /// assert_eq!(error.total(), 1);
    /// ```
    pub fn total(&self) -> usize {
        self.0.total()
    }
}

impl fmt::Display for InvalidFixture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.kept() {
            [problem] if self.total() == 1 => write!(f, "fixture {problem}"),
            _ => {
                write!(f, "the fixtures have {} problems:", self.total())?;
                self.0.lines().try_for_each(|line| write!(f, "\n  {line}"))
            }
        }
    }
}

impl std::error::Error for InvalidFixture {}

impl Problem {
    /// Returns the source of the fixture: a path, `#1` and so on for text, or `the fixture` for a
    /// state that is merged or replaced.
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// let error = account.merge_state(&serde_json::json!({ "VpcSet": 7 })).unwrap_err();
    /// assert_eq!(error.problems()[0].file(), "the fixture");
    /// ```
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Returns the JSON path, such as `$.SubnetSet[1].CidrBlock`. It is empty for a problem with the
    /// file itself.
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// let error = account.merge_state(&serde_json::json!({ "VpcSet": 7 })).unwrap_err();
    /// assert_eq!(error.problems()[0].path(), "$.VpcSet");
    /// ```
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns a description of the problem.
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// let error = account.merge_state(&serde_json::json!({ "VpcSet": 7 })).unwrap_err();
    /// assert!(!error.problems()[0].message().is_empty());
    /// ```
    pub fn message(&self) -> &str {
        &self.what
    }
}
