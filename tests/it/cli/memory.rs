//! Memory of a server: however wrong a fixture is, and however large a state, it is in proportion.

use std::{fs, io::copy};

use rstest::rstest;

use super::{Connection, Serving};

const MIB: usize = 1024 * 1024;

impl Serving {
    /// A line of the kernel's account of the process, in bytes.
    fn memory(&self, name: &str) -> usize {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.child.id()));
        let status = status.unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        let kib: usize = line.trim_matches([':', '\t', ' ', 'k', 'B']).parse().unwrap();
        kib * 1024
    }
}

/// 8 MiB of a fixture in which one text stands again and again.
fn bomb(start: &str, again: &str, end: &str) -> String {
    format!("{start}{}{end}", again.repeat(8 * MIB / again.len()))
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
fn a_wrong_fixture_takes_ten_times_its_size_at_most(#[case] fixture: &str) {
    let server = Serving::new();
    let before = server.memory("VmRSS");
    let mut connection = Connection::open(server.address());
    let length = fixture.len();
    let head =
        format!("PUT /_ecmock/state HTTP/1.1\r\nHost: ecmock\r\nContent-Length: {length}\r\n\r\n");
    connection.write(&[&head, fixture].concat());
    let answer = connection.read();
    assert!(answer.contains("BadFixture") && answer.len() < 64 * 1024, "{answer}");
    let taken = server.memory("VmHWM") - before;
    assert!(taken < 10 * length, "{} MiB for {} MiB", taken / MIB, length / MIB);
}

/// Of some 14 MB of JSON.
#[test]
fn an_export_takes_no_memory_of_its_own() {
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
    // What a load has freed is used first, so the peak tells nothing before it is passed.
    let before = server.memory("VmHWM");
    let mut connection = Connection::open(server.address());
    connection.write("GET /_ecmock/state HTTP/1.1\r\nHost: ecmock\r\nConnection: close\r\n\r\n");
    let bytes = copy(&mut connection.0, &mut std::io::sink()).unwrap();
    assert!(bytes > 12_000_000, "{bytes}");
    let taken = server.memory("VmHWM") - before;
    assert!(taken < 4 * MIB, "{} MiB for an export of {bytes} bytes", taken / MIB);
}
