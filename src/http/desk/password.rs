//! The page where one changes the own password, at the first login or whenever one likes.

use axum::Form;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use tracing::error;

use super::login::{SecretText, first_page};
use super::person::{Visitor, is_own, see};
use super::{DeskState, refusal, session};
use crate::desk::accounts::password::Unfit;
use crate::desk::accounts::{Changed, Person};
use crate::http::guard::is_encrypted;
use crate::http::tls::Peer;

const PAGE: &str = include_str!("password.html");
const DIFFER: &str = "两次输入的新密码不一样。The new password was not the same twice.";
const WRONG: &str = "现在的密码不对。The present password is wrong.";
const LOCKED: &str = "试错太多次，请十五分钟后再试。Too many wrong tries; wait fifteen minutes.";
const TROUBLE: &str = "现在无法修改，请稍后再试。It cannot be changed just now; try again later.";

/// What the form sends.
#[derive(Deserialize)]
pub(super) struct Given {
    csrf: String,
    old: SecretText,
    new: SecretText,
    again: SecretText,
}

pub(super) async fn form(Visitor(person): Visitor) -> Response {
    page(&person, StatusCode::OK, "")
}

pub(super) async fn change(
    Visitor(person): Visitor,
    State(desk): State<DeskState>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    headers: HeaderMap,
    Form(given): Form<Given>,
) -> Response {
    if !is_own(&person, &given.csrf) {
        return refusal::page(StatusCode::FORBIDDEN, refusal::OUT_OF_DATE);
    }
    let (SecretText(old), SecretText(new), SecretText(again)) = (given.old, given.new, given.again);
    if new.expose_secret() != again.expose_secret() {
        return page(&person, StatusCode::UNPROCESSABLE_ENTITY, DIFFER);
    }
    match desk.accounts.change_password(&person, old, new, desk.clock.now()).await {
        Ok(Changed::In(made)) => {
            let mut response = see(first_page(made.role));
            session::set(&mut response, is_encrypted(peer, &headers), Some(made.token.expose_secret()));
            response
        }
        Ok(Changed::Wrong) => page(&person, StatusCode::FORBIDDEN, WRONG),
        Ok(Changed::Locked) => page(&person, StatusCode::TOO_MANY_REQUESTS, LOCKED),
        Ok(Changed::Unfit(unfit)) => page(&person, StatusCode::UNPROCESSABLE_ENTITY, why(unfit)),
        Err(failed) => {
            error!("a password could not be changed: {:#}", anyhow::Error::from(failed));
            page(&person, StatusCode::SERVICE_UNAVAILABLE, TROUBLE)
        }
    }
}

const fn why(unfit: Unfit) -> &'static str {
    match unfit {
        Unfit::TooShort => "新密码至少要有十个字符。The new password needs ten characters at least.",
        Unfit::TooLong => "新密码太长。The new password is too long.",
        Unfit::Number => "新密码不能是工号。The new password must not be your number.",
        Unfit::Same => "新密码不能与现在的相同。The new password must differ from the present one.",
    }
}

/// Numbers are digits and tokens letters: there is nothing to escape.
fn page(person: &Person, status: StatusCode, said: &str) -> Response {
    let html = PAGE.replace("{csrf}", &person.csrf).replace("{number}", &person.number).replace("{said}", said);
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, html).into_response()
}
