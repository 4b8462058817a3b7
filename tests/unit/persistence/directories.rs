//! Directories that a server can or cannot use.

use std::{collections::HashSet, fs};

use chrono::DateTime;
use serde_json::{Value, json};

use super::{Directory, restarted};
use crate::{
    Emulator, Quotas,
    control::Clock,
    tests::support::{TestServer, code, create},
};

fn write(directory: &Directory, file: &str, text: &str) {
    fs::write(directory.path.path().join(file), text).unwrap();
}

#[tokio::test]
async fn a_directory_has_one_server() {
    let directory = Directory::new();
    let server = directory.start().await;
    assert_eq!(
        directory.problem(|_| ()),
        "cannot use the state directory: DIR is in use by another server; use another directory, or stop \
         that server"
    );
    server.shutdown().await;
    directory.start().await.shutdown().await;
}

#[tokio::test]
async fn a_directory_keeps_its_seed() {
    let directory = Directory::new();
    let first = TestServer::with(|config| {
        directory.set(config);
        config.seed = None;
    });
    first.await.shutdown().await;
    let seed = |directory: &Directory| {
        let json = fs::read(directory.path.path().join("ecmock.json")).unwrap();
        serde_json::from_slice::<Value>(&json).unwrap()["Seed"].as_u64().unwrap()
    };
    let own = seed(&directory);
    let emulator = Emulator::builder().state_dir(directory.path.path()).build();
    assert_eq!(emulator.seed(), own);
    drop(emulator);
    assert_eq!(
        directory.problem(|config| config.seed = Some(own + 1)),
        format!(
            "cannot use the state directory: DIR/ecmock.json was written with the seed {own}, not {}; omit \
             the seed, or use another directory",
            own + 1
        )
    );
    assert_eq!(seed(&directory), own);
}

#[tokio::test]
async fn a_directory_of_another_version_is_rejected() {
    let directory = Directory::new();
    let server = directory.start().await;
    server.create(json!({})).await;
    server.shutdown().await;
    let version = env!("CARGO_PKG_VERSION");
    let log = fs::read_to_string(directory.log("default")).unwrap();
    for file in ["ecmock.json", "accounts/default.log"] {
        let path = directory.path.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace(version, "0.0.9")).unwrap();
        assert_eq!(
            directory.problem(|_| ()),
            format!(
                "cannot use the state directory: DIR/{file} was written by ecmock 0.0.9, and this is ecmock \
                 {version}; export the state with that version and use another directory, or delete this one"
            )
        );
        fs::write(path, text).unwrap();
    }
    fs::write(directory.log("default"), log.replace("\"Seed\":1,", "\"Seed\":2,")).unwrap();
    let problem = directory.problem(|_| ());
    assert!(
        problem.contains("accounts/default.log was written with the seed 2, not 1;"),
        "{problem}"
    );
}

#[tokio::test]
async fn other_files_are_never_touched() {
    let directory = Directory::new();
    write(&directory, "letter.txt", "Dear all");
    assert_eq!(
        directory.problem(|_| ()),
        "cannot use the state directory: DIR has files that ecmock did not write; use an empty directory"
    );
    fs::remove_file(directory.path.path().join("letter.txt")).unwrap();
    directory.start().await.shutdown().await;
    write(&directory, "ecmock.json", "{");
    let problem = directory.problem(|_| ());
    assert!(problem.contains("DIR/ecmock.json: EOF while parsing an object at line 1 column 1; restore the file, or use another directory"), "{problem}");
    fs::remove_file(directory.path.path().join("ecmock.json")).unwrap();
    assert!(directory.problem(|_| ()).contains("DIR has files that ecmock did not write"));
}

#[tokio::test]
async fn a_directory_that_cannot_be_created_is_an_error() {
    let directory = Directory::new();
    write(&directory, "file", "");
    let problem = directory.problem(|config| {
        config.state_dir = Some(directory.path.path().join("file/below"));
    });
    assert!(
        problem.starts_with("cannot use the state directory: cannot create DIR/file/below: "),
        "{problem}"
    );
}

/// Accounts keep their state when the server starts with another fixture or other quotas, and new accounts
/// have the new ones.
#[tokio::test]
async fn settings_can_change_between_starts() {
    let directory = Directory::new();
    let server = directory.start().await;
    for _ in 0..3 {
        server.create(json!({})).await;
    }
    server.shutdown().await;
    let start = || {
        TestServer::with_fixture_and("{}", |config| {
            directory.set(config);
            config.quotas = Quotas::default().with_ha_vips_per_vpc(2);
        })
    };
    let server = start().await;
    assert_eq!(server.call("DescribeHaVips", &json!({})).await["TotalCount"], 3);
    assert_eq!(code(&server.create(json!({})).await), "LimitExceeded");
    let vpcs = server.call_as("new", "DescribeVpcs", &json!({})).await;
    assert_eq!(vpcs["TotalCount"], 0);
    let one = server.call("DescribeHaVips", &json!({})).await["HaVipSet"][0]["HaVipId"].take();
    server.call("DeleteHaVip", &json!({ "HaVipId": one })).await;
    server.shutdown().await;
    // The log of the first start had three HAVIPs, which the quota of the second one forbids.
    let server = start().await;
    assert_eq!(server.call("DescribeHaVips", &json!({})).await["TotalCount"], 2);
    server.shutdown().await;
    let server = directory.start().await;
    server.create(json!({})).await;
    restarted(&directory, server, &["default"]).await.shutdown().await;
    // The first fixture is needed for new accounts. The second one is not.
    assert_eq!(fs::read_dir(directory.path.path().join("initial")).unwrap().count(), 1);
}

#[tokio::test]
async fn any_name_has_a_file() {
    let directory = Directory::new();
    let server = directory.start().await;
    let names = [
        "a",
        "A",
        ".",
        "..",
        "a.log",
        "%41",
        "lock",
        "\u{1}",
        " ",
        &"ü".repeat(64),
        &"Ü".repeat(64),
    ];
    for (number, name) in (0..).zip(names) {
        let now = Clock::Frozen(DateTime::from_timestamp(number, 0).unwrap());
        server.account(name).state().change_clock(|clock| clock.set(now)).unwrap();
    }
    let server = restarted(&directory, server, &names).await;
    let files = fs::read_dir(directory.path.path().join("accounts")).unwrap();
    let files: Vec<_> = files.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(files.len(), names.len());
    let lower: HashSet<String> = files.iter().map(|it| it.to_lowercase()).collect();
    assert_eq!(lower.len(), names.len(), "{files:?}");
    server.shutdown().await;
}

#[tokio::test]
async fn a_lost_initial_state_is_an_error() {
    let directory = Directory::new();
    let server = directory.start().await;
    server.create(json!({})).await;
    server.shutdown().await;
    let lose = || {
        for file in fs::read_dir(directory.path.path().join("initial")).unwrap() {
            fs::remove_file(file.unwrap().path()).unwrap();
        }
    };
    lose();
    // A start with the same fixture creates it again.
    directory.start().await.shutdown().await;
    lose();
    let problem = directory.problem(|config| config.fixtures = Some(Vec::new()));
    assert!(
        problem.starts_with("cannot use the state directory: cannot read DIR/initial/"),
        "{problem}"
    );
}

/// The clock of a flag is that of each start. A clock that was set is the account's.
#[tokio::test]
async fn only_a_clock_that_was_set_is_kept() {
    let directory = Directory::new();
    let server = directory.start().await;
    for account in ["flag", "set"] {
        server.call_as(account, "CreateHaVip", &create(json!({}))).await;
    }
    let now = Clock::Frozen(DateTime::UNIX_EPOCH);
    server.account("set").state().change_clock(|clock| clock.set(now)).unwrap();
    for account in ["flag", "set"] {
        server.account(account).state().compact_log();
    }
    server.shutdown().await;
    let server = TestServer::with(|config| {
        directory.set(config);
        config.clock = None;
    });
    let server = server.await;
    assert_eq!(server.account("flag").clock().get(), Clock::Real);
    assert_eq!(server.account("set").clock().get(), now);
}
