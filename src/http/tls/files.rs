//! The certificate and the key that the server is given, as PEM files.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Why connections cannot be encrypted with them.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{path} cannot be read")]
    Unreadable { path: PathBuf, source: io::Error },
    #[error(
        "{path} has no certificate; a PEM file is expected that has -----BEGIN CERTIFICATE-----, the server's own first"
    )]
    NoCertificate { path: PathBuf },
    #[error("the key in {path} needs a password; write one without: openssl pkey -in {path} -out key.pem")]
    Encrypted { path: PathBuf },
    #[error("{path} has no private key; a PEM file is expected that has -----BEGIN PRIVATE KEY-----")]
    NoKey { path: PathBuf },
    #[error(
        "the key in {key} is not the one of the first certificate in {certificate}; give files that belong together"
    )]
    Pair { certificate: PathBuf, key: PathBuf },
    #[error("{certificate} and {key} cannot be used")]
    Unusable { certificate: PathBuf, key: PathBuf, source: rustls::Error },
}

/// What a server needs to encrypt, from its two files.
pub(super) fn read(certificate: &Path, key: &Path) -> Result<ServerConfig, Error> {
    let certificates = contents(certificate)?;
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(&certificates).filter_map(Result::ok).collect();
    if certificates.is_empty() {
        return Err(Error::NoCertificate { path: certificate.to_owned() });
    }
    let keys = contents(key)?;
    let Ok(private) = PrivateKeyDer::from_pem_slice(&keys) else {
        let path = key.to_owned();
        // `ENCRYPTED PRIVATE KEY`, and the older `Proc-Type: 4,ENCRYPTED`.
        let is_encrypted = String::from_utf8_lossy(&keys).contains("ENCRYPTED");
        return Err(if is_encrypted { Error::Encrypted { path } } else { Error::NoKey { path } });
    };
    let (certificate, key) = (certificate.to_owned(), key.to_owned());
    if String::from_utf8_lossy(&keys).contains("Proc-Type: 4,ENCRYPTED") {
        return Err(Error::Encrypted { path: key });
    }
    let built =
        ServerConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions();
    let built = built.and_then(|builder| builder.with_no_client_auth().with_single_cert(certificates, private));
    match built {
        Ok(mut config) => {
            config.alpn_protocols = vec![b"http/1.1".to_vec()];
            Ok(config)
        }
        Err(rustls::Error::InconsistentKeys(_)) => Err(Error::Pair { certificate, key }),
        Err(source) => Err(Error::Unusable { certificate, key, source }),
    }
}

fn contents(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|source| Error::Unreadable { path: path.to_owned(), source })
}
