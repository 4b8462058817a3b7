//! The logs of accounts: their end, their size, and their failures.

use std::fs;

use serde_json::{Value, json};

use super::{Directory, restarted};
use crate::{
    Quotas,
    tests::support::{TestServer, code, create},
};

/// Starts a server with a HAVIP, and returns its log.
async fn logged(directory: &Directory) -> String {
    let server = directory.start().await;
    server.create(json!({ "HaVipName": "web" })).await;
    server.shutdown().await;
    fs::read_to_string(directory.log("default")).unwrap()
}

async fn ha_vips(server: &TestServer) -> Value {
    server.call("DescribeHaVips", &json!({})).await["TotalCount"].take()
}

/// The process can be killed after each byte that it writes.
#[tokio::test]
async fn an_incomplete_line_is_dropped() {
    let directory = Directory::new();
    let log = logged(&directory).await;
    let header = log.find('\n').unwrap() + 1;
    for bytes in 0..=log.len() {
        fs::write(directory.log("default"), &log[..bytes]).unwrap();
        let server = directory.start().await;
        let is_whole = bytes == log.len();
        assert_eq!(ha_vips(&server).await, i32::from(is_whole), "{bytes} bytes");
        assert_eq!(directory.log("default").exists(), bytes >= header, "{bytes} bytes");
        if bytes % 40 == 0 || is_whole {
            server.create(json!({})).await;
            restarted(&directory, server, &["default"]).await.shutdown().await;
        }
    }
}

#[tokio::test]
async fn an_invalid_line_is_an_error_that_shows_where() {
    let directory = Directory::new();
    let log = logged(&directory).await;
    for (from, to, problem) in [
        ("{\"Call\"", "{\"Cal\"", "2: unknown variant `Cal`"),
        ("CreateHaVip", "CreateHaVipp", "2: unknown action CreateHaVipp"),
        ("subnet-rtmfkg4w", "subnet-00000000", "2: CreateHaVip fails with ResourceNotFound"),
        ("\"VpcId\"", "\"VpcId\\\"", "2: "),
        ("{\"Version\"", "{\"Edition\"", "1: missing field `Version`"),
        ("\"Settle\":\"0\"", "\"Settle\":\"soon\"", "1: must be a number of reads"),
    ] {
        assert!(log.contains(from), "{from}: {log}");
        fs::write(directory.log("default"), log.replace(from, to)).unwrap();
        let expected =
            format!("cannot use the state directory: DIR/accounts/default.log:{problem}");
        let found = directory.problem(|_| ());
        assert!(found.starts_with(&expected), "{from}: {found}");
        assert!(
            found.ends_with("; restore the file, or delete it to discard its account"),
            "{found}"
        );
    }
    fs::write(directory.log("default"), &log).unwrap();
    assert_eq!(ha_vips(&directory.start().await).await, 1);
}

#[tokio::test]
async fn a_large_log_is_compacted() {
    let directory = Directory::new();
    let server = directory.start().await;
    server.admin().post("clock/advance", json!({ "Ms": 1000 })).await;
    server.create(json!({ "HaVipName": "first" })).await;
    let mut largest = 0;
    let mut made = Value::Null;
    for number in 0..3000 {
        made = server.create(json!({ "HaVipName": format!("{number}") })).await;
        let id = &made["HaVip"]["HaVipId"];
        server.call("DeleteHaVip", &json!({ "HaVipId": id })).await;
        largest = largest.max(fs::metadata(directory.log("default")).unwrap().len());
    }
    assert!(made["Error"].is_null(), "{made}");
    // About 1.2 MB were written.
    assert!(largest < 900_000, "{largest} bytes");
    assert!(directory.lines("default")[1].get("Clock").is_some());
    let server = restarted(&directory, server, &["default"]).await;
    server.create(json!({})).await;
    restarted(&directory, server, &["default"]).await.shutdown().await;
}

#[tokio::test]
async fn a_compaction_keeps_the_changes_meanwhile() {
    let directory = Directory::new();
    let server = directory.start().await;
    server.create(json!({})).await;
    let state = server.account("default").state();
    let snapshot = state.begin_compaction().unwrap();
    server.create(json!({ "HaVipName": "meanwhile" })).await;
    let written = snapshot.write();
    server.create(json!({ "HaVipName": "later" })).await;
    state.end_compaction(written);
    assert_eq!(directory.lines("default").len(), 4);
    let server = restarted(&directory, server, &["default"]).await;
    assert_eq!(ha_vips(&server).await, 3);
}

#[tokio::test]
async fn a_reset_during_a_compaction_wins() {
    let directory = Directory::new();
    let server = directory.start().await;
    server.create(json!({})).await;
    let state = server.account("default").state();
    let written = state.begin_compaction().unwrap().write();
    server.admin().post("reset", json!({})).await;
    state.end_compaction(written);
    assert!(!directory.log("default").exists());
    // A call that began before the reset changes the old state, which nothing keeps.
    let call = server.create(json!({})).await;
    assert!(call["Error"].is_null());
    let server = restarted(&directory, server, &["default"]).await;
    assert_eq!(ha_vips(&server).await, 1);
}

#[tokio::test]
async fn the_rest_of_a_killed_compaction_is_deleted() {
    let directory = Directory::new();
    logged(&directory).await;
    let left = directory.log("default").with_extension("0.tmp");
    fs::write(&left, "{").unwrap();
    assert_eq!(ha_vips(&directory.start().await).await, 1);
    assert!(!left.exists());
}

#[tokio::test]
async fn a_change_that_cannot_be_written_is_not_acknowledged() {
    let directory = Directory::new();
    let server = directory.start().await;
    let accounts = directory.path.path().join("accounts");
    fs::remove_dir(&accounts).unwrap();
    for action in ["CreateHaVip", "DescribeHaVips"] {
        let params = if action == "CreateHaVip" { create(json!({})) } else { json!({}) };
        let refused = server.forced_as("default", action, &params).await;
        assert_eq!(code(&refused), "InternalError", "{action}");
        assert!(
            refused["Error"]["Message"].as_str().unwrap().contains("state directory"),
            "{refused}"
        );
    }
    // Other accounts, and the account after a reset, can be used.
    assert_eq!(server.call_as("other", "DescribeHaVips", &json!({})).await["TotalCount"], 0);
    fs::create_dir(&accounts).unwrap();
    server.admin().post("reset", json!({})).await;
    server.create(json!({})).await;
    let server = restarted(&directory, server, &["default"]).await;
    assert_eq!(ha_vips(&server).await, 1);
}

#[tokio::test]
async fn changes_can_be_written_to_the_disk() {
    let directory = Directory::new();
    let start = || {
        TestServer::with(|config| {
            directory.set(config);
            config.state_sync = true;
            config.quotas = Quotas::default().with_ha_vips_per_vpc(usize::MAX);
        })
    };
    let server = start().await;
    let calls = (0..20).map(|_| server.create(json!({})));
    futures_util::future::join_all(calls).await;
    server.admin().post("clock/advance", json!({ "Ms": 1000 })).await;
    server.shutdown().await;
    let server = start().await;
    assert_eq!(ha_vips(&server).await, 20);
    server.admin().post("reset", json!({})).await;
    server.shutdown().await;
    assert_eq!(ha_vips(&start().await).await, 0);
}

/// Only its owner may read a log: calls can have passwords.
#[cfg(unix)]
#[tokio::test]
async fn a_log_is_private() {
    use std::os::unix::fs::PermissionsExt as _;

    let directory = Directory::new();
    logged(&directory).await;
    let mode = fs::metadata(directory.log("default")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

/// A kernel writes pages, which can end within a character.
#[tokio::test]
async fn a_line_that_ends_within_a_character_is_dropped() {
    let directory = Directory::new();
    let server = directory.start().await;
    server.create(json!({ "HaVipName": "web" })).await;
    server.create(json!({ "HaVipName": "网" })).await;
    server.shutdown().await;
    let log = fs::read(directory.log("default")).unwrap();
    let character = "网".as_bytes();
    let end = log.windows(character.len()).rposition(|it| it == character).unwrap() + 1;
    fs::write(directory.log("default"), &log[..end]).unwrap();
    assert_eq!(ha_vips(&directory.start().await).await, 1);
}

#[tokio::test]
async fn a_reset_of_a_deleted_account_does_not_affect_the_next_account_with_its_name() {
    let directory = Directory::new();
    let server = directory.start().await;
    let create = create(json!({}));
    server.call_as("web", "CreateHaVip", &create).await;
    // A reset has looked the account up, and another client deletes the account before the reset.
    let old = server.account("web");
    server.admin().delete("accounts/web").await;
    server.call_as("web", "CreateHaVip", &create).await;
    old.reset();
    restarted(&directory, server, &["web"]).await;
}

#[tokio::test]
async fn a_failed_compaction_does_not_prevent_the_next_one() {
    let directory = Directory::new();
    let server = directory.start().await;
    server.create(json!({})).await;
    let state = server.account("default").state();
    let log = directory.log("default");
    let written = state.begin_compaction().unwrap().write();
    // A directory cannot be replaced by a file.
    let elsewhere = log.with_extension("moved");
    fs::rename(&log, &elsewhere).unwrap();
    fs::create_dir(&log).unwrap();
    state.end_compaction(written);
    fs::remove_dir(&log).unwrap();
    fs::rename(&elsewhere, &log).unwrap();
    let written = state.begin_compaction().unwrap().write();
    assert!(written.is_ok(), "{written:?}");
}

#[tokio::test]
async fn changes_by_the_admin_api_alone_compact_a_log() {
    let directory = Directory::new();
    let server = directory.start().await;
    let fixture = server.admin().get("state").await;
    for _ in 0..60 {
        server.admin().put("state", fixture.clone()).await;
    }
    let bytes = || fs::metadata(directory.log("default")).unwrap().len();
    for _ in 0..100 {
        if bytes() < 256 * 1024 {
            return;
        }
        tokio::task::spawn_blocking(std::thread::yield_now).await.unwrap();
        server.admin().get("state").await;
    }
    panic!("{} bytes", bytes());
}

#[tokio::test]
async fn a_compaction_of_an_ended_emulator_does_not_replace_the_log_of_the_next() {
    let directory = Directory::new();
    let server = directory.start().await;
    server.create(json!({})).await;
    let state = server.account("default").state();
    let snapshot = state.begin_compaction().unwrap();
    // The thread that compacts the log does not keep the directory locked.
    server.shutdown().await;
    let server = directory.start().await;
    state.end_compaction(snapshot.write());
    server.create(json!({})).await;
    restarted(&directory, server, &["default"]).await;
}
