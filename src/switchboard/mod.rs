//! The provider in the box, live: browsers call our own line through it and talk to each other, on one machine or a LAN.
//!
//! It does what a telephony provider does, in real time, with our documents: it is *not* a second engine. What a page
//! says and hears is in [`message`].

pub mod message;
