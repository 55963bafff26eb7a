//! A page that says why there is none, and where to go on.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};

const PAGE: &str = include_str!("refusal.html");

pub(super) const NOTHING: &str =
    "没有这一页，或没有这通电话。<span lang=\"en\">There is no such page, or no such call.</span>";
pub(super) const TROUBLE: &str = "现在打不开这一页，请稍后再试。\
    <span lang=\"en\">This page cannot be shown just now; try again in a minute.</span>";
/// Its login is not the one that the browser has now.
pub(super) const OUT_OF_DATE: &str = "刚才那一页已过期，什么也没有改变；请重新打开。\
    <span lang=\"en\">That page was out of date and nothing was changed: open it again.</span>";
pub(super) const SUPERVISORS: &str = "这一页只给主管。<span lang=\"en\">This page is for supervisors.</span>";
pub(super) const ADMINS: &str = "这一页只给管理员。<span lang=\"en\">This page is for admins.</span>";

pub(super) fn page(status: StatusCode, said: &'static str) -> Response {
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, PAGE.replace("{said}", said)).into_response()
}
