//! A CA stored in a directory.

use std::{fs, path::Path};

use crate::{Emulator, config::Config, tls::Tls};
use rstest::rstest;
use tempfile::TempDir;

use super::{ca, call, connect};
use crate::tests::support::TestServer;

/// Starts a server with a CA directory.
async fn server(folder: &Path) -> TestServer {
    TestServer::with(|config| config.tls_dir = Some(folder.to_owned())).await
}

/// Returns a directory with a CA.
async fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    server(folder.path()).await;
    folder
}

/// Returns the error of a start with a CA directory, with `DIR` for its path.
fn refusal(folder: &Path) -> String {
    let config = Config { tls_dir: Some(folder.to_owned()), ..Config::default() };
    let refusal = Emulator::with_state(&config, config.load().unwrap()).unwrap_err();
    let refusal = refusal.chain();
    assert!(!refusal.contains('\n'), "{refusal}");
    refusal.replace(folder.to_str().unwrap(), "DIR")
}

fn files(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name());
    let mut names: Vec<String> = names.map(|it| it.into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_ca_is_created_once_and_reused() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("is/made");
    let first = ca(&server(&folder).await).await;
    assert_eq!(files(&folder), ["ca-key.pem", "ca.pem"]);
    assert_eq!(fs::read_to_string(folder.join("ca.pem")).unwrap(), first);

    let again = server(&folder).await;
    assert_eq!(ca(&again).await, first);
    let mut connection = connect(&again, &first, "localhost").await.unwrap();
    assert_eq!(call(&mut connection).await, "172.16.0.17");
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_the_key() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = folder().await;
    let mode = |file| fs::metadata(folder.path().join(file)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("ca-key.pem"), 0o600);
    assert_eq!(mode("ca.pem") & 0o444, 0o444);
}

#[cfg(unix)]
#[rstest]
#[case::owner(0o600, None)]
#[case::read_only(0o400, None)]
#[case::group(0o640, Some("0640"))]
#[case::all(0o644, Some("0644"))]
#[case::writable(0o666, Some("0666"))]
#[tokio::test]
async fn a_key_that_other_users_can_read_is_a_warning(
    #[case] mode: u32,
    #[case] shown: Option<&str>,
) {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = folder().await;
    let key = folder.path().join("ca-key.pem");
    fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
    let tls = Tls::open(folder.path(), &[]).unwrap();
    let key = key.display();
    let expected = shown.map(|shown| {
        format!(
            "{key}: mode {shown} lets other users read the CA's key and impersonate any server to \
             clients that trust the CA; run `chmod 600 {key}`"
        )
    });
    assert_eq!(tls.warning().map(ToString::to_string), expected);
}

#[tokio::test]
async fn servers_that_start_together_create_one_ca() {
    let folder = tempfile::tempdir().unwrap();
    let starts: Vec<_> = (0..8)
        .map(|_| {
            let folder = folder.path().to_owned();
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.unwrap().block_on(async { ca(&server(&folder).await).await })
            })
        })
        .collect();
    let mut cas: Vec<String> = starts.into_iter().map(|it| it.join().unwrap()).collect();
    cas.dedup();
    assert_eq!(cas.len(), 1);
}

#[rstest]
#[case::certificate("ca.pem", "ca-key.pem")]
#[case::key("ca-key.pem", "ca.pem")]
#[tokio::test]
async fn a_missing_file_is_an_error(#[case] missing: &str, #[case] present: &str) {
    let folder = folder().await;
    fs::remove_file(folder.path().join(missing)).unwrap();
    assert_eq!(
        refusal(folder.path()),
        format!(
            "cannot use the TLS directory: DIR/{missing} is missing, but DIR/{present} exists; restore it, or remove \
             both files to create a new CA"
        )
    );
    assert_eq!(files(folder.path()), [present]);
}

#[tokio::test]
async fn a_certificate_of_another_key_is_an_error() {
    let (folder, other) = (folder().await, folder().await);
    fs::copy(other.path().join("ca.pem"), folder.path().join("ca.pem")).unwrap();
    assert_eq!(
        refusal(folder.path()),
        "cannot use the TLS directory: DIR/ca.pem is not the certificate of DIR/ca-key.pem; restore the right one, or \
         remove both files to create a new CA"
    );
}

/// A CA that another program has created.
#[tokio::test]
async fn a_foreign_ca_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["foreign".to_owned()]).unwrap();
    fs::write(folder.path().join("ca.pem"), made.cert.pem()).unwrap();
    fs::write(folder.path().join("ca-key.pem"), made.signing_key.serialize_pem()).unwrap();
    assert_eq!(
        refusal(folder.path()),
        "cannot use the TLS directory: DIR/ca.pem was not created by ecmock, which only signs with its own CA; use \
         another directory"
    );
}

#[rstest]
#[case::no_pem("ca.pem", "text", "DIR/ca.pem is not a PEM certificate: ")]
#[case::empty("ca.pem", "", "DIR/ca.pem is not a PEM certificate: ")]
#[case::no_certificate(
    "ca.pem",
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    "DIR/ca.pem is not a PEM certificate: "
)]
#[case::no_key("ca-key.pem", "text", "DIR/ca-key.pem is not a PEM private key (PKCS #8): ")]
#[case::no_text("ca-key.pem", b"\xff".as_slice(), "cannot read DIR/ca-key.pem: ")]
#[tokio::test]
async fn a_broken_file_is_named(
    #[case] file: &str,
    #[case] content: impl AsRef<[u8]>,
    #[case] message: &str,
) {
    let folder = folder().await;
    fs::write(folder.path().join(file), content).unwrap();
    let refusal = refusal(folder.path());
    assert!(refusal.starts_with(&format!("cannot use the TLS directory: {message}")), "{refusal}");
    assert!(refusal.len() > message.len() + 15, "{refusal}");
}

#[tokio::test]
async fn a_directory_that_cannot_be_created_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let refusal = refusal(&file.path().join("below"));
    assert!(
        refusal.starts_with("cannot use the TLS directory: cannot create the directory DIR: "),
        "{refusal}"
    );
}

/// A directory is in the place of a file.
#[tokio::test]
async fn a_failed_write_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("ca.pem.new/full")).unwrap();
    let refusal = refusal(folder.path());
    assert!(
        refusal.starts_with("cannot use the TLS directory: cannot write DIR/ca.pem: "),
        "{refusal}"
    );
    assert_eq!(files(folder.path()), ["ca.pem.new"]);
}
