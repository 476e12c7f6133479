//! Puts the requests that the pages make with `curl … | jq …`, and nothing beyond them.

use std::fmt::Write as _;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use serde_json::Value;

/// A request and the part of its answer that is printed.
pub struct Request {
    authority: String,
    path: String,
    headers: Vec<String>,
    body: Option<String>,
    filter: String,
}

/// What a script does before it asks the server, and what it asks.
pub fn split(script: &str) -> (&str, Option<Request>) {
    let begin = if script.starts_with("curl ") { Some(0) } else { script.find("\ncurl ").map(|at| at + 1) };
    match begin {
        Some(begin) => (&script[..begin], Some(Request::read(&script[begin..]))),
        None => (script, None),
    }
}

impl Request {
    fn read(command: &str) -> Self {
        let mut words = words(command).into_iter();
        let mut request = Self {
            authority: String::new(),
            path: String::new(),
            headers: Vec::new(),
            body: None,
            filter: String::new(),
        };
        while let Some(word) = words.next() {
            match word.as_str() {
                "curl" | "-s" | "|" | "jq" => {}
                "-H" => request.headers.push(words.next().unwrap()),
                "-d" => request.body = words.next(),
                filter if filter.starts_with('.') => request.filter = word,
                url => {
                    let (authority, path) = url.split_once('/').unwrap();
                    (request.authority, request.path) = (authority.to_owned(), format!("/{path}"));
                }
            }
        }
        request
    }

    /// Puts it over HTTP; what is printed of the answer.
    pub fn put(&self, directory: &Path) -> String {
        let body = match &self.body {
            Some(body) => match body.strip_prefix('@') {
                Some(file) => fs::read_to_string(directory.join(file)).unwrap(),
                None => body.clone(),
            },
            None => String::new(),
        };
        let method = if self.body.is_some() { "POST" } else { "GET" };
        let (path, authority) = (&self.path, &self.authority);
        let mut stream = TcpStream::connect(authority.as_str()).unwrap();
        let mut text = format!("{method} {path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n");
        for header in &self.headers {
            write!(text, "{header}\r\n").unwrap();
        }
        write!(text, "content-length: {}\r\n\r\n{body}", body.len()).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let value: Value = serde_json::from_str(body).unwrap();
        serde_json::to_string_pretty(part(&value, &self.filter)).unwrap()
    }
}

/// `.details[0].fieldViolations` of a value.
fn part<'v>(value: &'v Value, filter: &str) -> &'v Value {
    filter.split(['.', '[', ']']).filter(|step| !step.is_empty()).fold(value, |value, step| {
        match step.parse::<usize>() {
            Ok(at) => &value[at],
            Err(_) => &value[step],
        }
    })
}

/// The words of a shell command: parted by blanks, unless in single quotes.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (at, part) in command.replace("\\\n", " ").split('\'').enumerate() {
        if at % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}
