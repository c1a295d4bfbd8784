//! TLS 1.3 with raw public keys: the device's key is its identity, the hub's is pinned.
//!
//! No certificate expires under a computer whose clock fell back to 1970.

use std::sync::Arc;

use journal::{DeviceKey, DeviceSecret};
use rustls::client::AlwaysResolvesClientRawPublicKeys;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{
    CertificateDer, PrivatePkcs8KeyDer, ServerName, SubjectPublicKeyInfoDer, UnixTime,
};
use rustls::sign::CertifiedKey;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};

/// Makes the configuration by which `device` reaches `hub` and nobody else.
///
/// # Errors
///
/// Returns what the TLS library says.
pub(super) fn client(device: &DeviceSecret, hub: DeviceKey) -> Result<ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let algorithms = provider.signature_verification_algorithms;
    let pkcs8 = PrivatePkcs8KeyDer::from(device.to_pkcs8());
    let signing = provider.key_provider.load_private_key(pkcs8.into())?;
    let certified = CertifiedKey::new(vec![device.public().to_spki().into()], signing);
    let resolver = AlwaysResolvesClientRawPublicKeys::new(Arc::new(certified));
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .dangerous() // The verifier below is stricter than names and dates: one key.
        .with_custom_certificate_verifier(Arc::new(PinnedHub { hub, algorithms }))
        .with_client_cert_resolver(Arc::new(resolver));
    Ok(config)
}

/// Lets one key through.
#[derive(Debug)]
struct PinnedHub {
    hub: DeviceKey,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for PinnedHub {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if DeviceKey::from_spki(end_entity) == Some(self.hub) {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(Error::InvalidCertificate(CertificateError::UnknownIssuer))
        }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("tls 1.2 is not spoken here".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let key = SubjectPublicKeyInfoDer::from(cert.as_ref());
        verify_tls13_signature_with_raw_key(message, &key, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}
