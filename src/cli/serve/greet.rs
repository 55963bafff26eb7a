//! What a server says at its start, on standard output: where to call and what to try.

use std::io::{IsTerminal as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::phone::KEY_FILE;
use crate::config::Config;
use crate::desk::accounts::DEMO;
use crate::dialect::Authentication;
use crate::http::{Invented, tls};
use crate::line_files;
use crate::lookup::demo;
use crate::service::Service;
use crate::simulator::embedded;

/// What is known when everything is there.
pub(super) struct Start<'a> {
    pub(super) config: &'a Config,
    pub(super) service: &'a Service,
    pub(super) demo: bool,
    /// The secret that was made for the provider of a demo.
    pub(super) secret: Option<&'a str>,
    /// The phone in the box is on; the key to it, if it needs one.
    pub(super) phone: bool,
    pub(super) key: Option<&'a str>,
    pub(super) people: &'a [Invented],
    /// Nobody has an account.
    pub(super) no_operators: bool,
}

/// Says it, to the person who started the server.
pub(super) fn greet(start: &Start<'_>) {
    let Start { config, service, .. } = start;
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    let here = format!("{scheme}://{}", nearest(config.listen));
    if start.phone && start.key.is_none() {
        println!("Open {here}/phone and press Call; open /desk in a second tab to answer, as one of these:");
        for (number, role, password) in DEMO {
            println!("  {role} {number}  password {password}");
        }
        elsewhere(config);
    }
    println!("Hotline answers on {scheme}://{}; providers reach it at {}", config.listen, service.settings().public);
    match start.key {
        // Only a person sees a terminal; whatever else this goes to may be kept for others to read.
        Some(key) if std::io::stdout().is_terminal() => {
            println!("  call it in a browser: {here}/phone?key={key}; operators answer at {here}/desk");
        }
        Some(_) => println!(
            "  call it in a browser: {here}/phone, which asks for the key in {}; operators answer at {here}/desk",
            config.data.join(KEY_FILE).display()
        ),
        None if !start.demo => println!("  operators answer at {here}/desk"),
        None => {}
    }
    if start.no_operators {
        println!("  nobody can log in there yet: `hotline operator add` makes an account");
    }
    for profile in service.settings().profiles.values().filter(|profile| profile.name != embedded::NAME) {
        let trust = match profile.authentication {
            Authentication::None => "  (requests are believed without a signature)",
            Authentication::Secrets(_) => "",
        };
        println!("  calls of {:<11} {}{trust}", profile.name, service.settings().public.arrivals(profile));
    }
    if let Some(secret) = start.secret {
        println!("  no provider secret was set: sign requests with {secret} (X-Twilio-Signature), or set");
        println!("  HOTLINE_TWILIO_AUTH_TOKEN to your account's; `hotline providers` prints all URLs to paste");
    }
    if start.demo {
        try_them(start.people);
        println!("Key 0 rings whoever is logged in and available at /desk, at any hour: it is a demo.");
    }
    let _ = std::io::stdout().flush();
}

/// The demo people who have a PIN and a balance, first those of the examples. None if another line is served.
pub(super) fn people(service: &Service) -> Vec<Invented> {
    if service.lines().first().line.name.as_str() != line_files::SHIPPED {
        return Vec::new();
    }
    let with_pin = demo::people(demo::SHOWCASE).filter_map(|person| {
        let pin = person.pin.filter(|pin| !pin.initial)?;
        person.account.as_ref()?;
        let id = person.member.id.as_str().to_owned();
        let hint = if id.ends_with('X') { "X = *" } else { "" };
        Some(Invented { id, pin: pin.digits, hint })
    });
    with_pin.take(3).collect()
}

fn try_them(people: &[Invented]) {
    if people.is_empty() {
        return;
    }
    println!("Three people to try, at 1 (Mandarin) or 2 (English), then 1, 1, the ID and #, the PIN and #:");
    for Invented { id, pin, hint } in people {
        let hint = if hint.is_empty() { String::new() } else { format!("  ({hint})") };
        println!("  ID {id}  PIN {pin}{hint}");
    }
    println!(
        "Invented people all of them; `hotline demo --members 50` lists more. This is a model of such a line, not the official one."
    );
}

/// Where a browser on this machine reaches it.
fn nearest(listen: SocketAddr) -> SocketAddr {
    let ip = if listen.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { listen.ip() };
    SocketAddr::new(ip, listen.port())
}

/// Where other devices reach the pages with a microphone.
fn elsewhere(config: &Config) {
    let listen = config.listen;
    let addresses = if listen.ip().is_unspecified() { tls::addresses() } else { vec![listen.ip()] };
    let others: Vec<String> = addresses
        .iter()
        .filter(|ip| !ip.is_loopback())
        .map(|ip| format!("https://{}/phone", SocketAddr::new(*ip, listen.port())))
        .collect();
    if !others.is_empty() {
        let warns =
            if config.tls.is_some() { "" } else { "; the browser warns, as nobody vouches for the certificate" };
        println!("  from other devices: {}{warns}", others.join(" or "));
    }
}
