//! Memory of a server: proportional to a fixture, even a bad one, and not increased by an export.

use std::{fs, io::copy};

use rstest::rstest;

use super::{Connection, Serving};

const MIB: usize = 1024 * 1024;

impl Serving {
    /// Returns a line of the kernel's statistics of the process, in bytes.
    fn memory(&self, name: &str) -> usize {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.child.id()));
        let status = status.unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        let kib: usize = line.trim_matches([':', '\t', ' ', 'k', 'B']).parse().unwrap();
        kib * 1024
    }
}

/// Returns a fixture of about 8 MiB that repeats a string.
fn bomb(start: &str, again: &str, end: &str) -> String {
    sized_bomb(8 * MIB, start, again, end)
}

fn sized_bomb(bytes: usize, start: &str, again: &str, end: &str) -> String {
    format!("{start}{}{end}", again.repeat(bytes / again.len()))
}

/// Loads a fixture into a new server. Returns the response and the peak memory of the server in bytes,
/// without the memory of a small fixture: its code counts as memory once it runs.
fn put(fixture: &str) -> (String, usize) {
    let server = Serving::new();
    let mut connection = Connection::open(server.address());
    let mut put = |fixture: &str| {
        let length = fixture.len();
        let head = format!(
            "PUT /_ecmock/state HTTP/1.1\r\nHost: ecmock\r\nContent-Length: {length}\r\n\r\n"
        );
        connection.write(&[&head, fixture].concat());
        connection.read()
    };
    put(r#"{"VpcSet":[{"X":[]}],"SubnetSet":["",0,{}]}"#);
    let before = server.memory("VmRSS");
    let answer = put(fixture);
    (answer, server.memory("VmHWM") - before)
}

#[rstest]
#[case::objects(&bomb(r#"{"VpcSet":["#, "{},", "{}]}"))]
#[case::spaced_objects(&bomb(r#"{"VpcSet":["#, "{      },", "{}]}"))]
#[case::numbers(&bomb(r#"{"VpcSet":["#, "0,", "0]}"))]
#[case::numbers_in_an_object(&bomb(r#"{"VpcSet":[{"DnsServerSet":["#, "0,", "0]}]}"))]
#[case::numbers_in_an_unknown_set(&bomb(r#"{"Vpcs":["#, "0,", "0]}"))]
#[case::lists(&bomb(r#"{"VpcSet":"#, "[", ""))]
#[case::repeated(&bomb(r#"{"VpcSet":["#, r#"{"A":1,"A":2},"#, "{}]}"))]
#[case::long_text(&bomb(r#"{"VpcSet":[{"VpcId":""#, "x", r#""}]}"#))]
#[case::escapes(&bomb(r#"{"VpcSet":[{"VpcId":""#, "\\n", r#""}]}"#))]
fn a_bad_fixture_uses_at_most_ten_times_its_size(#[case] fixture: &str) {
    let (answer, taken) = put(fixture);
    assert!(answer.contains("BadFixture") && answer.len() < 64 * 1024, "{answer}");
    let length = fixture.len();
    assert!(taken < 10 * length, "{} MiB for {} MiB", taken / MIB, length / MIB);
}

/// Short values have the largest trees for their size. `TotalCount` is ignored, so it may have any
/// value.
#[rstest]
#[case::unknown_member(r#"{"VpcSet":[{"X":["#, "]}]}")]
#[case::objects_of_a_member(r#"{"VpcSet":[{"TagSet":["#, "]}]}")]
#[case::texts_of_a_member(r#"{"VpcSet":[{"DnsServerSet":["#, "]}]}")]
#[case::kept_member(r#"{"VpcSet":[{"AssistantCidrSet":["#, "]}]}")]
#[case::member_of_a_member(
    r#"{"InstanceSet":[{"VirtualPrivateCloud":{"PrivateIpAddresses":["#,
    "]}}]}"
)]
#[case::unknown_set(r#"{"Vpcs":["#, "]}")]
#[case::total_count(r#"{"TotalCount":["#, "]}")]
fn short_values_use_at_most_ten_times_their_size(
    #[case] start: &str,
    #[case] end: &str,
    #[values("{}", r#"{"":0}"#, r#"{"":{"":{}}}"#, "[]", "[0]", r#""x""#, r#""\n""#, "0")]
    value: &str,
    #[values(300_000, 2_000_000)] bytes: usize,
) {
    let fixture = sized_bomb(bytes, start, &format!("{value},"), &format!("{value}{end}"));
    let (answer, taken) = put(&fixture);
    assert!(answer.len() < 64 * 1024, "{answer}");
    assert!(taken < 10 * fixture.len(), "{} KiB for {} KiB", taken / 1024, fixture.len() / 1024);
}

/// The export has about 14 MB of JSON.
#[test]
fn an_export_uses_no_additional_memory() {
    let ha_vip = |number| {
        format!(
            r#"{{"HaVipId":"havip-{number:08}","VpcId":"vpc-00000001","SubnetId":"subnet-00000001"}}"#
        )
    };
    let ha_vips: Vec<String> = (0..60_000).map(ha_vip).collect();
    let fixture = format!(
        r#"{{"VpcSet":[{{"VpcId":"vpc-00000001","CidrBlock":"10.0.0.0/16"}}],"SubnetSet":[{{
            "SubnetId":"subnet-00000001","VpcId":"vpc-00000001","CidrBlock":"10.0.0.0/16"
        }}],"HaVipSet":[{}]}}"#,
        ha_vips.join(",")
    );
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), fixture).unwrap();
    let server = Serving::with(&["--fixture", file.path().to_str().unwrap()]);
    // Memory freed after the load is reused first, so only memory beyond its peak counts.
    let before = server.memory("VmHWM");
    let mut connection = Connection::open(server.address());
    connection.write("GET /_ecmock/state HTTP/1.1\r\nHost: ecmock\r\nConnection: close\r\n\r\n");
    let bytes = copy(&mut connection.0, &mut std::io::sink()).unwrap();
    assert!(bytes > 12_000_000, "{bytes}");
    let taken = server.memory("VmHWM") - before;
    assert!(taken < 4 * MIB, "{} MiB for an export of {bytes} bytes", taken / MIB);
}
