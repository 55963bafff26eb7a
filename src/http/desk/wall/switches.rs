//! The switches of a line. They act at once: on every call that has not passed them.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

use super::super::person::{Visitor, is_own};
use super::look::Look;
use super::{DeskState, html, refusal, trouble};
use crate::desk::accounts::Role;
use crate::desk::switches::{self, Switch, Unfit};
use crate::store::Switches;

#[derive(Template)]
#[template(path = "switches.html")]
struct Page<'a> {
    look: &'a Look,
    /// What is set.
    set: &'a Switches,
    /// What was written and could not be taken.
    written: &'a BTreeMap<String, String>,
    trouble: String,
}

impl Page<'_> {
    fn is_on(&self, name: &str) -> bool {
        self.set.contains_key(name)
    }

    fn until(&self) -> String {
        let until = self.set.get(Switch::Maintenance.name()).and_then(|value| value.get("until"));
        until.and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// The bulletin in a language: as it was written just now, else as it is set.
    fn text(&self, language: &str) -> String {
        let set = self.set.get(Switch::Bulletin.name()).and_then(|texts| texts.get(language)).and_then(Value::as_str);
        let written = self.written.get(&format!("text.{language}")).map(String::as_str);
        written.or(set).unwrap_or_default().to_owned()
    }

    fn languages(&self) -> Vec<String> {
        self.look.loaded.line.languages.iter().map(ToString::to_string).collect()
    }
}

pub(super) async fn page(look: Look, State(desk): State<DeskState>) -> Response {
    show(&desk, &look, StatusCode::OK, &BTreeMap::new(), String::new()).await
}

/// What a form wants set. The CSRF token is in the form, so that the page needs no script.
pub(super) async fn set(Visitor(person): Visitor, State(desk): State<DeskState>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let look = Look::at(&mut parts, &desk, person).await;
    let request = Request::from_parts(parts, body);
    let Ok(Form(written)) = Form::<BTreeMap<String, String>>::from_request(request, &desk).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let token = written.get("csrf").map(String::as_str).unwrap_or_default();
    let may = look.person.role >= Role::Supervisor && !look.person.must_change && is_own(&look.person, token);
    let name = written.get("switch").and_then(|name| Switch::parse(name));
    let (Some(switch), true) = (name, may) else {
        return refusal::page(StatusCode::FORBIDDEN, refusal::OUT_OF_DATE);
    };
    let value = match value(&look, switch, &written) {
        Ok(value) => value,
        Err(unfit) => {
            let told = in_words(&look, &unfit);
            return show(&desk, &look, StatusCode::UNPROCESSABLE_ENTITY, &written, told).await;
        }
    };
    let line = &look.scope.line;
    match switch.set(&desk.database, line, value.as_ref(), look.person.who(), look.now).await {
        Ok(()) => {
            let page = format!("/desk/wall/switches?{}", look.query());
            (StatusCode::SEE_OTHER, [(header::LOCATION, page)]).into_response()
        }
        Err(failed) => trouble(&failed.into()),
    }
}

fn value(look: &Look, switch: Switch, written: &BTreeMap<String, String>) -> Result<Option<Value>, Unfit> {
    let given = |name: &str| written.get(name).map(String::as_str).unwrap_or_default();
    if given("to") == "off" {
        return Ok(None);
    }
    match switch {
        Switch::DirectToOperator | Switch::ClosedToday => switches::on_or_off(given("to")),
        Switch::Maintenance => switches::until(given("until")).map(Some),
        Switch::Bulletin => {
            let texts = written.iter().filter_map(|(name, text)| Some((name.strip_prefix("text.")?, text.as_str())));
            switches::bulletin(&look.loaded.line.languages, texts).map(Some)
        }
    }
}

fn in_words(look: &Look, unfit: &Unfit) -> String {
    match unfit {
        Unfit::NotOnOrOff(_) => look.of("请选择开或关。", "Choose on or off.").to_owned(),
        Unfit::NoTime(_) => look.of("请写时刻，例如 14:30。", "Write a time of day, like 14:30.").to_owned(),
        Unfit::Digits => look
            .of("数字请写成要读的字：十点。", "Write numbers in words, as they are to be spoken: ten o'clock.")
            .to_owned(),
        Unfit::NoSuchLanguage(language) => {
            format!("{} {language}", look.of("线路不说这种语言：", "The line does not speak"))
        }
        Unfit::Missing(language) => {
            format!("{} {language}", look.of("每种语言都要有公告，缺：", "A bulletin is in every language; missing:"))
        }
        Unfit::TooLong { language, seconds } => format!(
            "{language}: {seconds} s. {}",
            look.of("公告最长 10 秒，请写短些。", "A bulletin takes at most 10 s; write a shorter one.")
        ),
    }
}

async fn show(
    desk: &DeskState,
    look: &Look,
    status: StatusCode,
    written: &BTreeMap<String, String>,
    trouble: String,
) -> Response {
    match desk.database.switches(&look.scope.line).await {
        Ok(set) => html(status, &Page { look, set: &set, written, trouble }),
        Err(failed) => super::trouble(&failed.into()),
    }
}
