//! The whole port: a device's handshake, a request, an answer, and the end.

use std::sync::Arc;
use std::time::Duration;

use journal::codec;
use protocol::{EnrolAnswer, EnrolRequest};
use rustls::client::AlwaysResolvesClientRawPublicKeys;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::verify_tls13_signature_with_raw_key;
use rustls::pki_types::{
    CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, SubjectPublicKeyInfoDer,
    UnixTime,
};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio_rustls::TlsConnector;

use super::world::{Device, World, body, messages, summary};
use crate::sync::{Bounds, serve};

#[tokio::test]
async fn a_device_enrols_and_exchanges_over_tls_with_its_raw_key() {
    let world = World::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = watch::channel(false);
    let limit = Duration::from_secs(20);
    let bounds = Bounds { connections: 4, header: limit, exchange: limit };
    let kept = Arc::new(Notify::new());
    let served = tokio::spawn(serve(listener, world.truth.clone(), kept, bounds, stopped));

    let mut device = Device::new(1, "INST-027");
    let token = world.invite("INST-027", i64::MAX).await;
    let (key, epoch) = (device.key(), journal::Epoch([1; 8]));
    let request = EnrolRequest { token, device: key, epoch, name: "desk".to_owned() };
    let request = codec::encode(&request, 1000).unwrap();
    let (status, answer) = post(address, &world, &device, "/v1/enrol", &request).await;
    assert_eq!(status, "200");
    let answer: EnrolAnswer = codec::decode(&answer, 1000).unwrap();
    assert!(matches!(answer, EnrolAnswer::Welcome { name, .. } if name == "desk"));

    let frame = device.write(2);
    let said = body(&device, &[frame]);
    let (status, answer) = post(address, &world, &device, "/v1/exchange", &said).await;
    assert_eq!(status, "200");
    assert_eq!(summary(&messages(&answer))[0], "receipt 1: 3");

    let (status, _) = post(address, &world, &device, "/elsewhere", &[]).await;
    assert_eq!(status, "404");
    stop.send_replace(true);
    served.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_connection_that_idles_makes_room_for_the_next_device() {
    let world = World::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = watch::channel(false);
    // Were it left to idle, it would be cut off only when the test has long given up.
    let limit = Duration::from_secs(600);
    let bounds = Bounds { connections: 1, header: limit, exchange: limit };
    let kept = Arc::new(Notify::new());
    let served = tokio::spawn(serve(listener, world.truth.clone(), kept, bounds, stopped));

    let mut idle = connect(address, &world, &Device::new(1, "INST-027")).await;
    idle.write_all(b"POST /elsewhere HTTP/1.1\r\nhost: hub\r\ncontent-length: 0\r\n\r\n")
        .await
        .unwrap();
    let mut first = [0; 12];
    idle.read_exact(&mut first).await.unwrap();
    assert_eq!(&first[9..], b"404");
    let next = Device::new(2, "INST-027");
    let answered = post(address, &world, &next, "/elsewhere", &[]);
    let (status, _) = tokio::time::timeout(Duration::from_secs(60), answered).await.unwrap();
    assert_eq!(status, "404");
    stop.send_replace(true);
    served.await.unwrap().unwrap();
}

async fn connect(
    address: std::net::SocketAddr,
    world: &World,
    device: &Device,
) -> tokio_rustls::client::TlsStream<TcpStream> {
    let connector = TlsConnector::from(Arc::new(client(world, device)));
    let stream = TcpStream::connect(address).await.unwrap();
    connector.connect(ServerName::try_from("hub").unwrap(), stream).await.unwrap()
}

async fn post(
    address: std::net::SocketAddr,
    world: &World,
    device: &Device,
    path: &str,
    body: &[u8],
) -> (String, Vec<u8>) {
    let mut stream = connect(address, world, device).await;
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: hub\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let status = String::from_utf8(answer[9..12].to_vec()).unwrap();
    (status, answer.split_off(end + 4))
}

fn client(world: &World, device: &Device) -> ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let pkcs8 = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(device.secret().to_pkcs8()));
    let signing = provider.key_provider.load_private_key(pkcs8).unwrap();
    let spki = CertificateDer::from(device.key().to_spki());
    let key = Arc::new(CertifiedKey::new(vec![spki], signing));
    let pinned = Arc::new(Pinned(world.truth.key().to_spki()));
    ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(pinned)
        .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(key)))
}

#[derive(Debug)]
struct Pinned(Vec<u8>);

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        assert_eq!(end_entity.as_ref(), self.0);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::HandshakeNotComplete)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let spki = SubjectPublicKeyInfoDer::from(cert.as_ref());
        let provider = rustls::crypto::ring::default_provider();
        let known = &provider.signature_verification_algorithms;
        verify_tls13_signature_with_raw_key(message, &spki, dss, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}
