//! Whom a client of ours believes over TLS.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tokio_rustls::TlsConnector;

/// The file that was named cannot be believed.
#[derive(Debug, thiserror::Error)]
#[error("{path} has no certificate to believe; a PEM file is expected that has -----BEGIN CERTIFICATE-----")]
pub struct NoCertificate {
    path: PathBuf,
    source: Option<std::io::Error>,
}

/// Believes whom this machine believes, and the certificates of the PEM file `ca`: a server's own one, or that of who
/// signed it.
///
/// # Errors
/// [`NoCertificate`] if there is none in the file.
///
/// # Panics
/// Never: the versions of TLS are those of the library.
pub fn trust(ca: Option<&Path>) -> Result<TlsConnector, NoCertificate> {
    let mut roots = RootCertStore::empty();
    // What of the machine's cannot be used is nobody's who is asked here.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = ca {
        let missing = |source| NoCertificate { path: path.to_owned(), source };
        let file = std::fs::read(path).map_err(|failed| missing(Some(failed)))?;
        let named = CertificateDer::pem_slice_iter(&file).filter_map(Result::ok);
        if roots.add_parsable_certificates(named).0 == 0 {
            return Err(missing(None));
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the versions are the library's own")
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}
