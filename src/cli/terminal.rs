//! Where a command prints: what was asked for on the standard output, everything else beside it. Colours come out only
//! on a terminal, or where they are demanded.

use std::io::{self, Stderr, Stdout, Write};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use redress::diagnostic::Diagnostic;
use redress::diagnostic::render;
use redress::source::Sources;
use redress::text::{Bilingual, Language};

/// How many columns a line of a drawing may take.
const WIDTH: usize = 100;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const GOOD: Style = AnsiColor::Green.on_default().bold();

#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
pub enum Colour {
    /// On a terminal
    #[default]
    Auto,
    Always,
    Never,
}

pub struct Terminal {
    out: AutoStream<Stdout>,
    notes: AutoStream<Stderr>,
    language: Language,
}

impl Terminal {
    /// Prints in the language of `locale`, or else of the environment.
    pub fn new(colour: Colour, locale: Option<&str>) -> Self {
        let choice = match colour {
            Colour::Auto => ColorChoice::Auto,
            Colour::Always => ColorChoice::Always,
            Colour::Never => ColorChoice::Never,
        };
        let language = Language::of(&locale.map_or_else(environment_locale, str::to_owned));
        Self { out: AutoStream::new(io::stdout(), choice), notes: AutoStream::new(io::stderr(), choice), language }
    }

    pub fn language(&self) -> Language {
        self.language
    }

    /// Whether what is printed beside the output may hold colours.
    pub fn colours_notes(&self) -> bool {
        self.notes.current_choice() != ColorChoice::Never
    }

    /// What was asked for.
    pub fn say(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")
    }

    /// Bytes that were asked for, as they are.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)
    }

    /// That all is well.
    pub fn praise(&mut self, text: &Bilingual) -> io::Result<()> {
        writeln!(self.out, "{GOOD}{}{GOOD:#}", text.get(self.language))
    }

    /// What helps to understand the rest.
    pub fn note(&mut self, text: &Bilingual) -> io::Result<()> {
        writeln!(self.notes, "{}", text.get(self.language))
    }

    /// Problems of policies, drawn.
    pub fn draw(&mut self, problems: &[Diagnostic], sources: &Sources) -> io::Result<()> {
        let style = render::Style { language: self.language, colour: true, width: WIDTH };
        self.out.write_all(render::full(problems, sources, style).as_bytes())
    }

    /// That the command could not be carried out.
    pub fn failed(&mut self, error: &anyhow::Error) {
        let word = match self.language {
            Language::Chinese => "错误",
            Language::English => "error",
        };
        // Where even this can't be printed, the exit code tells it.
        let _ = writeln!(self.notes, "{ERROR}{word}{ERROR:#}: {error:#}");
    }
}

/// The language of messages, as POSIX has it: the first of these that is set.
fn environment_locale() -> String {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(std::env::var_os);
    set.filter(|value| !value.is_empty()).map(|value| value.to_string_lossy().into_owned()).next().unwrap_or_default()
}
