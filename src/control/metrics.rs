//! Prometheus metrics.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use crate::lock::Lock;

use super::journal::entry::OK;

/// Upper bounds of the duration buckets, in seconds.
const BUCKETS: [f64; 9] = [0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.05, 0.1, 1.0, 10.0];

/// Label of calls without a known action.
const NO_ACTION: &str = "-";

/// Call counters of all accounts.
///
/// A call that succeeds only adds to counters, so calls do not wait for each other.
#[derive(Debug)]
pub struct Metrics {
    /// By the index of the action. The last item counts calls without a known action.
    by_action: Box<[OnceLock<Counts>]>,
}

/// Counters of one action.
#[derive(Debug)]
struct Counts {
    action: &'static str,
    /// Failed calls by their error code. All others succeeded.
    failed: Lock<BTreeMap<&'static str, u64>>,
    /// Calls by the smallest bucket that contains them. The last item counts longer calls.
    by_duration: [AtomicU64; BUCKETS.len() + 1],
    duration_ns: AtomicU64,
}

/// A metric with a current value.
#[derive(Debug, Clone, Copy)]
pub struct Gauge {
    /// Name of the metric.
    pub name: &'static str,
    /// Description of the metric.
    pub help: &'static str,
    /// Current value.
    pub value: f64,
}

impl Metrics {
    /// Creates the counters of a number of actions.
    pub fn new(actions: usize) -> Self {
        Self { by_action: (0..=actions).map(|_| OnceLock::new()).collect() }
    }

    /// Counts a call of an action, given by its index and name. Neither label comes from the client, so
    /// the number of label values is bounded.
    pub fn count(
        &self,
        action: Option<(usize, &'static str)>,
        code: &'static str,
        duration: Duration,
    ) {
        let (index, action) = action.unwrap_or((self.by_action.len() - 1, NO_ACTION));
        let Some(counts) = self.by_action.get(index) else { return };
        let counts = counts.get_or_init(|| Counts::new(action));
        if code != OK {
            *counts.failed.lock().entry(code).or_default() += 1;
        }
        let seconds = duration.as_secs_f64();
        let bucket = BUCKETS.iter().position(|bound| seconds <= *bound);
        if let Some(count) = counts.by_duration.get(bucket.unwrap_or(BUCKETS.len())) {
            count.fetch_add(1, Relaxed);
        }
        let nanoseconds = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        counts.duration_ns.fetch_add(nanoseconds, Relaxed);
    }

    /// Returns all metrics in the Prometheus text format.
    pub fn page(&self, gauges: &[Gauge]) -> String {
        let mut all: Vec<&Counts> = self.by_action.iter().filter_map(OnceLock::get).collect();
        all.sort_unstable_by_key(|counts| counts.action);
        let mut page = String::new();
        heading(&mut page, "ecmock_calls_total", "counter", "Calls by action and error code.");
        for counts in &all {
            let action = counts.action;
            for (code, count) in counts.by_code() {
                let labels = format!("action=\"{action}\",code=\"{code}\"");
                _ = writeln!(page, "ecmock_calls_total{{{labels}}} {count}");
            }
        }
        let name = "ecmock_call_duration_seconds";
        heading(&mut page, name, "histogram", "Time until calls were answered.");
        for counts in &all {
            counts.histogram(&mut page, name);
        }
        for Gauge { name, help, value } in gauges {
            heading(&mut page, name, "gauge", help);
            _ = writeln!(page, "{name} {value}");
        }
        page
    }
}

impl Counts {
    fn new(action: &'static str) -> Self {
        Self {
            action,
            failed: Lock::default(),
            by_duration: Default::default(),
            duration_ns: AtomicU64::default(),
        }
    }

    /// Returns the number of calls by their code, sorted by code.
    fn by_code(&self) -> BTreeMap<&'static str, u64> {
        let mut by_code = self.failed.lock().clone();
        let all: u64 = self.by_duration.iter().map(|it| it.load(Relaxed)).sum();
        let ok = all.saturating_sub(by_code.values().sum());
        by_code.extend(Some(ok).filter(|ok| *ok > 0).map(|ok| (OK, ok)));
        by_code
    }

    fn histogram(&self, page: &mut String, name: &str) {
        let (action, mut sum) = (self.action, 0);
        let bounds = BUCKETS.iter().map(f64::to_string).chain(["+Inf".to_owned()]);
        for (bound, count) in bounds.zip(&self.by_duration) {
            sum += count.load(Relaxed);
            _ = writeln!(page, "{name}_bucket{{action=\"{action}\",le=\"{bound}\"}} {sum}");
        }
        let seconds = Duration::from_nanos(self.duration_ns.load(Relaxed)).as_secs_f64();
        _ = writeln!(page, "{name}_sum{{action=\"{action}\"}} {seconds}");
        _ = writeln!(page, "{name}_count{{action=\"{action}\"}} {sum}");
    }
}

fn heading(page: &mut String, name: &str, kind: &str, help: &str) {
    _ = writeln!(page, "# HELP {name} {help}\n# TYPE {name} {kind}");
}
