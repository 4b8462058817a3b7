//! Prometheus metrics.

use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

use crate::lock::Lock;

/// Upper bounds of the duration buckets, in seconds.
const BUCKETS: [f64; 9] = [0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.05, 0.1, 1.0, 10.0];

/// Call counters of all accounts.
#[derive(Debug, Default)]
pub struct Metrics(Lock<BTreeMap<&'static str, Counts>>);

/// Counters of one action.
#[derive(Debug, Clone, Default)]
struct Counts {
    by_code: BTreeMap<&'static str, u64>,
    /// Calls by the smallest bucket that contains them. The last item counts longer calls.
    by_duration: [u64; BUCKETS.len() + 1],
    duration: Duration,
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
    /// Counts a call. Neither label comes from the client, so the number of label values is bounded.
    pub fn count(&self, action: &'static str, code: &'static str, duration: Duration) {
        let mut all = self.0.lock();
        let counts = all.entry(action).or_default();
        *counts.by_code.entry(code).or_default() += 1;
        let bucket = BUCKETS.iter().position(|it| duration.as_secs_f64() <= *it);
        if let Some(count) = counts.by_duration.get_mut(bucket.unwrap_or(BUCKETS.len())) {
            *count += 1;
        }
        counts.duration += duration;
    }

    /// Returns all metrics in the Prometheus text format.
    pub fn page(&self, gauges: &[Gauge]) -> String {
        let all = self.0.lock().clone();
        let mut page = String::new();
        heading(&mut page, "ecmock_calls_total", "counter", "Calls by action and error code.");
        for (action, counts) in &all {
            for (code, count) in &counts.by_code {
                let labels = format!("action=\"{action}\",code=\"{code}\"");
                _ = writeln!(page, "ecmock_calls_total{{{labels}}} {count}");
            }
        }
        let name = "ecmock_call_duration_seconds";
        heading(&mut page, name, "histogram", "Time until calls were answered.");
        for (action, counts) in &all {
            counts.histogram(&mut page, name, action);
        }
        for Gauge { name, help, value } in gauges {
            heading(&mut page, name, "gauge", help);
            _ = writeln!(page, "{name} {value}");
        }
        page
    }
}

impl Counts {
    fn histogram(&self, page: &mut String, name: &str, action: &str) {
        let mut sum = 0;
        let bounds = BUCKETS.iter().map(f64::to_string).chain(["+Inf".to_owned()]);
        for (bound, count) in bounds.zip(self.by_duration) {
            sum += count;
            _ = writeln!(page, "{name}_bucket{{action=\"{action}\",le=\"{bound}\"}} {sum}");
        }
        let seconds = self.duration.as_secs_f64();
        _ = writeln!(page, "{name}_sum{{action=\"{action}\"}} {seconds}");
        _ = writeln!(page, "{name}_count{{action=\"{action}\"}} {sum}");
    }
}

fn heading(page: &mut String, name: &str, kind: &str, help: &str) {
    _ = writeln!(page, "# HELP {name} {help}\n# TYPE {name} {kind}");
}
