//! A certificate of our own for the demo, so that a browser on another device may use its microphone.
//!
//! Nobody vouches for it: browsers warn, and the page says why. It is *not* for a service that people rely on.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use jiff::ToSpan as _;
use jiff::civil::Date;
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, date_time_ymd};

/// The files in the data folder.
const CERTIFICATE: &str = "demo-certificate.pem";
const KEY: &str = "demo-certificate-key.pem";
/// How long it is good: browsers believe none for longer than 398 days.
const GOOD_DAYS: i32 = 397;
/// A new one is made so long before.
const RENEWED_DAYS: i32 = 30;

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{path} cannot be written")]
    Unwritable { path: PathBuf, source: io::Error },
    #[error("a certificate cannot be made")]
    Unmade(#[from] rcgen::Error),
}

/// The certificate for these addresses and `localhost`, and its key, in the data folder: made if there is none, if it is
/// old, or if the addresses are others.
///
/// # Errors
/// [`Error`] if one has to be made and cannot be.
pub fn load_or_make(data: &Path, addresses: &[IpAddr], today: Date) -> Result<(PathBuf, PathBuf), Error> {
    let (certificate, key) = (data.join(CERTIFICATE), data.join(KEY));
    let names: Vec<String> =
        std::iter::once("localhost".to_owned()).chain(addresses.iter().map(IpAddr::to_string)).collect();
    if key.is_file() && std::fs::read_to_string(&certificate).is_ok_and(|kept| is_good(&kept, &names, today)) {
        return Ok((certificate, key));
    }
    let mut params = CertificateParams::new(names.clone())?;
    params.distinguished_name.push(DnType::CommonName, "Hotline demo, made by itself");
    params.extended_key_usages.push(ExtendedKeyUsagePurpose::ServerAuth);
    let ends = today.saturating_add(GOOD_DAYS.days());
    let part = |part: i8| u8::try_from(part).unwrap_or(1);
    let day = |date: Date| date_time_ymd(date.year().into(), part(date.month()), part(date.day()));
    // Clocks of other devices may be behind.
    params.not_before = day(today.saturating_sub(1.day()));
    params.not_after = day(ends);
    let pair = KeyPair::generate()?;
    let made = params.self_signed(&pair)?;
    // The key first: a certificate without its own key would be taken for good.
    write(&key, &pair.serialize_pem())?;
    write(&certificate, &format!("{}\n{}", heading(ends, &names), made.pem()))?;
    Ok((certificate, key))
}

/// The addresses of this machine. Those of IPv6 change every day on many machines, and nobody types them: only its
/// loopback is there.
#[must_use]
pub fn addresses() -> Vec<IpAddr> {
    let found = if_addrs::get_if_addrs().unwrap_or_default();
    let all = found.iter().filter(|one| !one.is_link_local()).map(if_addrs::Interface::ip);
    let mut addresses: Vec<IpAddr> = all.filter(|one| one.is_ipv4() || one.is_loopback()).collect();
    addresses.sort();
    addresses.dedup();
    addresses
}

/// What the file begins with, before what readers of PEM look for: until when and for whom it is.
fn heading(ends: Date, names: &[String]) -> String {
    format!("until {ends} for {}", names.join(" "))
}

fn is_good(kept: &str, names: &[String], today: Date) -> bool {
    let first = kept.lines().next().unwrap_or_default();
    let ends = first.split(' ').nth(1).and_then(|date| date.parse::<Date>().ok());
    ends.is_some_and(|ends| first == heading(ends, names) && today.saturating_add(RENEWED_DAYS.days()) < ends)
}

/// Writes a file that only its owner can read, whole or not at all.
fn write(path: &Path, text: &str) -> Result<(), Error> {
    let unwritable = |source| Error::Unwritable { path: path.to_owned(), source };
    let draft = path.with_extension("new");
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(unwritable)?;
    std::fs::rename(&draft, path).map_err(unwritable)
}

#[cfg(test)]
mod tests {
    use super::super::files;
    use super::*;

    #[test]
    fn it_is_kept_until_it_is_old_or_the_addresses_are_others() {
        use std::os::unix::fs::PermissionsExt as _;
        let data = tempfile::tempdir().unwrap();
        let here: IpAddr = "127.0.0.1".parse().unwrap();
        let there: IpAddr = "::1".parse().unwrap();
        let make = |addresses: &[IpAddr], today: &str| {
            let (certificate, key) = load_or_make(data.path(), addresses, today.parse().unwrap()).unwrap();
            files::read(&certificate, &key).unwrap();
            assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
            std::fs::read(&certificate).unwrap()
        };
        let first = make(&[here], "2026-03-01");
        assert_eq!(make(&[here], "2027-03-02"), first);
        let renewed = make(&[here], "2027-03-03");
        assert_ne!(renewed, first);
        assert_eq!(make(&[here], "2027-03-04"), renewed);
        let moved = make(&[here, there], "2027-03-04");
        assert_ne!(moved, renewed);
        std::fs::remove_file(data.path().join(KEY)).unwrap();
        assert_ne!(make(&[here, there], "2027-03-04"), moved);
    }
}
