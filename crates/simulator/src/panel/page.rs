//! The page: files that are built in.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};

/// A file of the page.
#[derive(Debug)]
pub struct File {
    pub path: &'static str,
    kind: &'static str,
    text: &'static str,
}

impl File {
    pub fn response(&self) -> Response {
        ([(header::CONTENT_TYPE, self.kind)], self.text).into_response()
    }
}

macro_rules! files {
    ($list:ident: $($path:literal $kind:literal $file:literal;)+) => {
        pub const $list: &[File] = &[
            $(File { path: $path, kind: $kind, text: include_str!(concat!("page/", $file)) }),+
        ];
    };
}

// What every panel has.
files! { SHARED:
    "/" "text/html; charset=utf-8" "index.html";
    "/style.css" "text/css; charset=utf-8" "style.css";
    "/icon.svg" "image/svg+xml" "icon.svg";
    "/api.js" "text/javascript; charset=utf-8" "api.js";
    "/chart.js" "text/javascript; charset=utf-8" "chart.js";
    "/connectors.js" "text/javascript; charset=utf-8" "connectors.js";
    "/dom.js" "text/javascript; charset=utf-8" "dom.js";
    "/frames.js" "text/javascript; charset=utf-8" "frames.js";
    "/schedule.js" "text/javascript; charset=utf-8" "schedule.js";
    "/shell.js" "text/javascript; charset=utf-8" "shell.js";
    "/station.js" "text/javascript; charset=utf-8" "station.js";
    "/tabs.js" "text/javascript; charset=utf-8" "tabs.js";
}

files! { STATIONS:
    "/main.js" "text/javascript; charset=utf-8" "main.js";
    "/stations.js" "text/javascript; charset=utf-8" "stations.js";
}

files! { FLEET:
    "/main.js" "text/javascript; charset=utf-8" "fleet/main.js";
    "/member.js" "text/javascript; charset=utf-8" "fleet/member.js";
    "/table.js" "text/javascript; charset=utf-8" "fleet/table.js";
    "/totals.js" "text/javascript; charset=utf-8" "fleet/totals.js";
}
