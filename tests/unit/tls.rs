//! Calls over TLS by a client that only trusts the CA of the server.

mod folder;

use std::sync::Arc;

use rstest::rstest;
use serde_json::json;
use tokio::{io::AsyncReadExt as _, net::TcpStream};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ALL_VERSIONS, ClientConfig, RootCertStore, SupportedProtocolVersion,
        crypto::ring,
        pki_types::{CertificateDer, pem::PemObject as _},
        version,
    },
};

use crate::tests::support::{Connection, TestServer, VERSION, create, vip};

/// Downloads the CA certificate of a server.
async fn ca(server: &TestServer) -> String {
    let answer = server.send("GET", "/_ecmock/ca.pem", &[], b"").await;
    assert_eq!(answer.status(), "200 OK");
    assert_eq!(answer.header("content-type"), Some("application/x-pem-file"));
    String::from_utf8(answer.body).unwrap()
}

/// Connects to a server under a name, with a trusted CA.
async fn connect(
    server: &TestServer,
    ca: &str,
    name: &str,
) -> std::io::Result<Connection<TlsStream<TcpStream>>> {
    connect_with(server, ca, name, ALL_VERSIONS).await
}

async fn connect_with(
    server: &TestServer,
    ca: &str,
    name: &str,
    versions: &[&'static SupportedProtocolVersion],
) -> std::io::Result<Connection<TlsStream<TcpStream>>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca.as_bytes()).unwrap()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let stream = TcpStream::connect(server.address()).await?;
    let name = name.to_owned().try_into().unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.map(Connection::over)
}

/// Returns the head and the body of a `CreateHaVip` in the demo subnet.
fn request() -> (String, String) {
    let body = create(json!({})).to_string();
    let head = format!(
        "POST / HTTP/1.1\r\nHost: ecmock\r\nX-TC-Action: CreateHaVip\r\nX-TC-Version: {VERSION}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    (head, body)
}

/// Calls `CreateHaVip`, and returns the address.
async fn call(connection: &mut Connection<TlsStream<TcpStream>>) -> String {
    let (head, body) = request();
    connection.write((head + &body).as_bytes()).await;
    vip(&connection.read("POST").await.response()).to_owned()
}

#[tokio::test]
async fn calls_with_and_without_tls_share_a_port_and_a_cloud() {
    let server = TestServer::new().await;
    let mut connection = connect(&server, &ca(&server).await, "localhost").await.unwrap();
    assert_eq!(connection.stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    assert_eq!(call(&mut connection).await, "172.16.0.17");
    assert_eq!(vip(&server.create(json!({})).await), "172.16.0.18");
    assert_eq!(call(&mut connection).await, "172.16.0.19");
}

#[tokio::test]
async fn a_tls_1_2_client_is_accepted() {
    let server = TestServer::new().await;
    let ca = ca(&server).await;
    let mut connection = connect_with(&server, &ca, "localhost", &[&version::TLS12]).await.unwrap();
    assert_eq!(call(&mut connection).await, "172.16.0.17");
}

#[rstest]
#[case("localhost")]
#[case("127.0.0.1")]
#[case("::1")]
#[case("ecm.tencentcloudapi.com")]
#[case("ecm.intl.tencentcloudapi.com")]
#[case("ecm.ap-xian.tencentcloudapi.com")]
#[case("ecm.tencentcloudapi.com.cn")]
#[case("ecm.ap-xian.tencentcloudapi.cn")]
#[case("ECM.AP-Guangzhou.TencentCloudAPI.com")]
#[case("ecmock")]
#[case("host.of.ecm.test")]
#[case("10.0.0.5")]
#[tokio::test]
async fn a_name_of_the_server_verifies(#[case] name: &str) {
    let names = ["ecmock", "*.of.ecm.test", "10.0.0.5"].map(|name| name.parse().unwrap());
    let server = TestServer::with(|config| config.tls_names = names.into()).await;
    let mut connection = connect(&server, &ca(&server).await, name).await.unwrap();
    assert_eq!(call(&mut connection).await, "172.16.0.17");
}

#[rstest]
#[case("ecm.test")]
#[case("cvm.tencentcloudapi.com")]
#[case("ecm.ap.xian.tencentcloudapi.com")]
#[case("10.0.0.5")]
#[tokio::test]
async fn no_other_name_verifies(#[case] name: &str) {
    let server = TestServer::new().await;
    let error = connect(&server, &ca(&server).await, name).await.err().unwrap();
    assert!(error.to_string().contains("not valid for name"), "{error}");
}

#[tokio::test]
async fn two_servers_do_not_share_a_ca() {
    let (one, other) = (TestServer::new().await, TestServer::new().await);
    let error = connect(&one, &ca(&other).await, "localhost").await.err().unwrap();
    assert!(error.to_string().contains("invalid peer certificate"), "{error}");
}

#[tokio::test]
async fn the_ca_is_the_same_each_time() {
    let server = TestServer::new().await;
    assert_eq!(ca(&server).await, ca(&server).await);
}

#[rstest]
#[case::silent(b"")]
#[case::first_byte(b"\x16")]
#[case::broken_off(b"\x16\x03\x01\x02\x00\x01\x00")]
#[tokio::test]
async fn a_silent_client_affects_no_others(#[case] sent: &[u8]) {
    let server = TestServer::new().await;
    let mut silent = Vec::new();
    for _ in 0..100 {
        let mut connection = server.connect().await;
        connection.write(sent).await;
        silent.push(connection);
    }
    assert_eq!(vip(&server.create(json!({})).await), "172.16.0.17");
    let mut connection = connect(&server, &ca(&server).await, "localhost").await.unwrap();
    assert_eq!(call(&mut connection).await, "172.16.0.18");
    server.shutdown().await;
    for mut connection in silent {
        assert!(connection.is_at_its_end().await);
    }
}

#[tokio::test]
async fn an_invalid_handshake_gets_an_alert() {
    let server = TestServer::new().await;
    let mut connection = server.connect().await;
    connection.write(b"\x16 is no handshake, whatever comes after it").await;
    let mut alert = Vec::new();
    connection.stream.read_to_end(&mut alert).await.unwrap();
    // A fatal alert, and its reason follows.
    assert_eq!(alert[..6], [0x15, 0x03, 0x03, 0x00, 0x02, 0x02], "{alert:x?}");
    assert_eq!(vip(&server.create(json!({})).await), "172.16.0.17");
}

#[tokio::test]
async fn a_shutdown_answers_a_call_in_flight_and_closes_tls() {
    let server = TestServer::new().await;
    let ca = ca(&server).await;
    let mut idle = connect(&server, &ca, "localhost").await.unwrap();
    call(&mut idle).await;
    let mut calling = connect(&server, &ca, "localhost").await.unwrap();
    let (head, body) = request();
    let head = head.replacen("\r\n", "\r\nExpect: 100-continue\r\n", 1);
    calling.write(head.as_bytes()).await;
    assert_eq!(calling.read("POST").await.status(), "100 Continue");

    let end = tokio::spawn(server.shutdown());
    // Without a TLS close_notify alert, this would be an error.
    assert!(idle.is_at_its_end().await);
    calling.write(body.as_bytes()).await;
    assert_eq!(vip(&calling.read("POST").await.response()), "172.16.0.18");
    assert!(calling.is_at_its_end().await);
    end.await.unwrap();
}
