//! Sealing: personal values are stored encrypted under a key per call, which the data key wraps.
//!
//! AES-256-GCM-SIV with random 96-bit nonces (a repeated nonce costs little, RFC 8452). A sealed text is nonce,
//! cipher text, 16-byte tag. Deleting a call's wrapped key makes all that was sealed under it unreadable.

use std::io::{self, Write};
use std::path::Path;

use aes_gcm_siv::aead::{Aead, Payload};
use aes_gcm_siv::{Aes256GcmSiv, KeyInit};
use hmac::{Hmac, Mac};
use secrecy::zeroize::Zeroize;
use secrecy::{ExposeSecret, SecretBox};
use sha2::Sha256;

use crate::call::CallId;

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;

/// Why a key cannot be had or a text cannot be opened. No bytes of either are in it.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    #[error("the data key file {path} cannot be read")]
    Unreadable { path: String, source: io::Error },
    #[error("the data key file {path} cannot be made; make its folder, or give this user the right to write there")]
    NotMade { path: String, source: io::Error },
    #[error("the data key file {path} may be read by others (mode {mode:03o}); run `chmod 600` on it")]
    TooOpen { path: String, mode: u32 },
    #[error("the data key file {path} has {bytes} bytes that are no key; it has 64 hexadecimal digits, or 32 bytes")]
    WrongLength { path: String, bytes: usize },
    #[error("the data key does not open the call's key; start with the data key file that this database was made with")]
    WrongDataKey,
    #[error("what is stored does not open under the call's key; it was changed, cut, or belongs elsewhere")]
    Tampered,
}

/// The key of the installation. Kept in a file beside the database, never in it; zeroed when dropped.
#[derive(Debug)]
pub struct DataKey(SecretBox<[u8; KEY_BYTES]>);

impl DataKey {
    /// The key with these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self(SecretBox::new(Box::new(bytes)))
    }

    /// Reads the key from `path`, or makes a new one there that only this user may read.
    ///
    /// The file has 64 hexadecimal digits (what is made here, or `openssl rand -hex 32`) or 32 bytes.
    ///
    /// # Errors
    /// [`SealError::Unreadable`], [`SealError::NotMade`], [`SealError::TooOpen`], [`SealError::WrongLength`].
    pub fn load_or_make(path: &Path) -> Result<Self, SealError> {
        match Self::load(path) {
            Err(SealError::Unreadable { source, .. }) if source.kind() == io::ErrorKind::NotFound => Self::make(path),
            loaded => loaded,
        }
    }

    /// Reads the key from `path`.
    ///
    /// # Errors
    /// [`SealError::Unreadable`], [`SealError::TooOpen`], [`SealError::WrongLength`].
    pub fn load(path: &Path) -> Result<Self, SealError> {
        let unreadable = |source| SealError::Unreadable { path: path.display().to_string(), source };
        let mut content = std::fs::read(path).map_err(unreadable)?;
        refuse_open_mode(path, &std::fs::metadata(path).map_err(unreadable)?)?;
        let key = parse_key(&content);
        let bytes = content.len();
        content.zeroize();
        key.map(Self::from_bytes).ok_or_else(|| SealError::WrongLength { path: path.display().to_string(), bytes })
    }

    /// Written aside and linked into place, so that nobody ever reads half a key and two starts agree on one.
    fn make(path: &Path) -> Result<Self, SealError> {
        let not_made = |source| SealError::NotMade { path: path.display().to_string(), source };
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{:016x}", rand::random::<u64>()));
        let aside = path.with_file_name(name);
        let placed = write_key(&aside).and_then(|()| std::fs::hard_link(&aside, path));
        let removed = std::fs::remove_file(&aside);
        match placed {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            placed => placed.and(removed),
        }
        .map_err(not_made)?;
        Self::load(path)
    }

    /// A key for one purpose: HMAC-SHA256 of `label` under the data key.
    #[must_use]
    #[allow(clippy::missing_panics_doc, reason = "HMAC takes keys of any length")]
    pub fn derive(&self, label: &str) -> [u8; KEY_BYTES] {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose_secret()).expect("HMAC takes keys of any length");
        mac.update(label.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// A key of its own for a purpose, to seal with.
    #[must_use]
    pub fn key_for(&self, purpose: &str) -> CallKey {
        CallKey(SecretBox::new(Box::new(self.derive(purpose))))
    }

    /// What wraps the keys of calls.
    fn wrapping(&self) -> Aes256GcmSiv {
        let mut key = self.derive("call-keys");
        let cipher = cipher(&key);
        key.zeroize();
        cipher
    }
}

fn write_key(path: &Path) -> io::Result<()> {
    let [high, low]: [u128; 2] = rand::random();
    let mut digits = format!("{high:032x}{low:032x}\n");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(digits.as_bytes())?;
    digits.zeroize();
    file.sync_all()
}

fn parse_key(content: &[u8]) -> Option<[u8; KEY_BYTES]> {
    if let Ok(bytes) = <[u8; KEY_BYTES]>::try_from(content) {
        return Some(bytes);
    }
    let digits = std::str::from_utf8(content).ok()?.trim_end();
    if digits.len() != 2 * KEY_BYTES || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let mut key = [0; KEY_BYTES];
    for (at, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(key)
}

#[cfg(unix)]
fn refuse_open_mode(path: &Path, metadata: &std::fs::Metadata) -> Result<(), SealError> {
    let mode = std::os::unix::fs::MetadataExt::mode(metadata) & 0o777;
    let others = mode & 0o077;
    if others == 0 { Ok(()) } else { Err(SealError::TooOpen { path: path.display().to_string(), mode }) }
}

#[cfg(not(unix))]
fn refuse_open_mode(_: &Path, _: &std::fs::Metadata) -> Result<(), SealError> {
    Ok(())
}

/// The key of one call; zeroed when dropped.
#[derive(Debug)]
pub struct CallKey(SecretBox<[u8; KEY_BYTES]>);

impl CallKey {
    /// A new key, at random.
    #[must_use]
    pub fn random() -> Self {
        Self(SecretBox::new(Box::new(rand::random())))
    }

    /// The key as it is stored, bound to its call.
    #[must_use]
    pub fn wrap(&self, data_key: &DataKey, call: CallId) -> Vec<u8> {
        seal(&data_key.wrapping(), call.as_bytes(), self.0.expose_secret())
    }

    /// The key that [`Self::wrap`] stored.
    ///
    /// # Errors
    /// [`SealError::WrongDataKey`] under another data key, of another call, or if it was changed.
    pub fn unwrap(data_key: &DataKey, call: CallId, wrapped: &[u8]) -> Result<Self, SealError> {
        let mut plain = open(&data_key.wrapping(), call.as_bytes(), wrapped).ok_or(SealError::WrongDataKey)?;
        let key = <[u8; KEY_BYTES]>::try_from(plain.as_slice()).map_err(|_| SealError::WrongDataKey);
        plain.zeroize();
        Ok(Self(SecretBox::new(Box::new(key?))))
    }

    /// Seals `plain`, bound to its place `aad`: what is sealed as a session does not open as a document.
    #[must_use]
    pub fn seal(&self, aad: &[u8], plain: &[u8]) -> Vec<u8> {
        seal(&cipher(self.0.expose_secret()), aad, plain)
    }

    /// Opens what [`Self::seal`] made for the same place.
    ///
    /// # Errors
    /// [`SealError::Tampered`] if it was changed, cut, sealed for another place or by another key.
    pub fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        open(&cipher(self.0.expose_secret()), aad, sealed).ok_or(SealError::Tampered)
    }
}

fn cipher(key: &[u8; KEY_BYTES]) -> Aes256GcmSiv {
    Aes256GcmSiv::new(key.into())
}

fn seal(cipher: &Aes256GcmSiv, aad: &[u8], plain: &[u8]) -> Vec<u8> {
    let nonce: [u8; NONCE_BYTES] = rand::random();
    let sealed = cipher.encrypt(&nonce.into(), Payload { msg: plain, aad });
    [nonce.as_slice(), &sealed.expect("texts and places are far shorter than the 64 GiB that the cipher takes")]
        .concat()
}

fn open(cipher: &Aes256GcmSiv, aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
    cipher.decrypt(&(*nonce).into(), Payload { msg: sealed, aad }).ok()
}
