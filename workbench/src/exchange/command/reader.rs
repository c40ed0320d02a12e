//! Reader of a command's words: options, by the program, and the address.

use std::borrow::Cow;

use base64::{Engine, prelude::BASE64_STANDARD};

use super::{
    CommandError, MAX_MESSAGES, PastedCommand,
    options::{LeftOut, Meaning, Program, Setting},
    prefix::{echoed, is_before_a_command, is_prompt, is_variable},
    shell::{self, Operator, Token},
};
use crate::{
    compose::Template,
    connect::{Address, MAX_SUBPROTOCOLS, Target},
    exchange::header::{add_header, as_web_socket},
};

/// Subcommands of `wsbench` that start a server.
const STARTS_A_SERVER: [&str; 3] = ["server", "listen", "mock"];
/// Subcommands of `wsbench` that take no address.
const WITHOUT_ADDRESS: [&str; 5] = ["run", "fmt", "convert", "completions", "man"];

/// Parts left out of a command that are told of, at most: more are no help.
const MAX_LEFT_OUT: usize = 64;

/// Reader of a command's words.
pub(super) struct Reader {
    /// Parts read so far.
    command: PastedCommand,
    /// Program of the command, which decides on the meaning of options.
    program: Program,
    /// First argument that is no option.
    address: Option<String>,
    /// Values of `--resolve`, for any host.
    resolutions: Vec<String>,
}

impl Reader {
    /// Reads a command.
    pub(super) fn read(text: &str) -> Result<PastedCommand, CommandError> {
        let mut reader = Self {
            command: PastedCommand::default(),
            program: Program::Wsbench,
            address: None,
            resolutions: Vec::new(),
        };
        let words = reader.words(text)?;
        reader.words_from_program(words)?;
        let address = reader.address.take().filter(|it| !WITHOUT_ADDRESS.contains(&it.as_str()));
        let address = address.ok_or(CommandError::NoAddress(reader.program.name()))?;
        reader.address(&as_web_socket(&address));
        reader.resolve();
        Ok(reader.command)
    }

    /// Words of the connecting command, with prefixes and pipes handled.
    fn words(&mut self, text: &str) -> Result<Vec<String>, CommandError> {
        let mut tokens = shell::split(text)?;
        let is_next = |token: &Token| *token == Token::Operator(Operator::Next);
        while tokens.last().is_some_and(is_next) {
            tokens.pop();
        }
        let mut words = Vec::new();
        let mut tokens = tokens.into_iter().skip_while(is_next);
        while let Some(token) = tokens.next() {
            match token {
                Token::Word(word, is_expanded) => {
                    if is_expanded {
                        self.leave_out(LeftOut::Expansion(word.clone()));
                    }
                    words.push(word);
                }
                Token::Operator(Operator::Next) => return Err(CommandError::Several),
                Token::Operator(Operator::Pipe) => {
                    let message = echoed(&words).ok_or(CommandError::Several)?;
                    self.message(message)?;
                    words.clear();
                }
                Token::Operator(operator) => {
                    let Some(Token::Word(word, _)) = tokens.next() else {
                        return Err(CommandError::Several);
                    };
                    if operator == Operator::HereString {
                        self.message(word)?;
                    } else {
                        self.leave_out(LeftOut::File);
                    }
                }
            }
        }
        Ok(words)
    }

    /// Reads all words, beginning at the program. Prompts and variables before it are skipped.
    fn words_from_program(&mut self, words: Vec<String>) -> Result<(), CommandError> {
        let mut words = words.into_iter().skip_while(|word| is_prompt(word)).peekable();
        self.program = loop {
            let word = words.next().ok_or(CommandError::NotACommand)?;
            if let Some(program) = Program::named(&word) {
                break program;
            }
            match word.split_once('=') {
                Some((name, _)) if is_variable(name) => {
                    self.leave_out(LeftOut::Variable(name.to_owned()));
                }
                _ if is_before_a_command(&word) => {}
                _ => return Err(CommandError::NotACommand),
            }
        };
        let mut only_places = false;
        while let Some(word) = words.next() {
            if only_places || word == "-" || !word.starts_with('-') {
                self.place(word)?;
            } else if word == "--" {
                only_places = true;
            } else if word.starts_with("--") {
                let (option, value) = match word.split_once('=') {
                    Some((option, value)) => (option, Some(value.to_owned())),
                    None => (word.as_str(), None),
                };
                self.option(option, value, &mut words)?;
            } else {
                self.short_options(&word, &mut words)?;
            }
        }
        Ok(())
    }

    /// `-k`, `-kv`, `-x text`, `-xtext` and `-x=text`.
    fn short_options(
        &mut self,
        word: &str,
        words: &mut impl Iterator<Item = String>,
    ) -> Result<(), CommandError> {
        let mut letters = word.trim_start_matches('-').chars();
        while let Some(letter) = letters.next() {
            let option = format!("-{letter}");
            if self.program.meaning(&option).takes_value() {
                let rest = letters.as_str();
                // Only clap, in wsbench and websocat, strips the equals sign.
                let value = match self.program {
                    Program::Wsbench | Program::Websocat => rest.strip_prefix('=').or(Some(rest)),
                    Program::Wscat | Program::Curl => Some(rest),
                };
                let value = value.filter(|_| !rest.is_empty()).map(str::to_owned);
                return self.option(&option, value, words);
            }
            self.option(&option, None, words)?;
        }
        Ok(())
    }

    /// Reads an option, with its value in the same word or in the next.
    fn option(
        &mut self,
        option: &str,
        value: Option<String>,
        words: &mut impl Iterator<Item = String>,
    ) -> Result<(), CommandError> {
        let meaning = self.program.meaning(option);
        let value = if meaning.takes_value() {
            let value = value.or_else(|| words.next());
            value.ok_or_else(|| CommandError::NoValue(option.to_owned()))?
        } else {
            String::new()
        };
        match meaning {
            Meaning::Address => self.address = Some(value),
            Meaning::Subprotocol => self.subprotocols(&value)?,
            Meaning::Message => self.message(value)?,
            // `@FILE`, a file with headers, which a page cannot read.
            Meaning::Header if value.starts_with('@') => self.leave_out(LeftOut::File),
            Meaning::Header => {
                let (name, value) = value.split_once(':').unwrap_or((&value, ""));
                self.header(name.trim(), value.trim())?;
            }
            // Without a value it names a file of cookies.
            Meaning::Named("Cookie") if !value.contains('=') => self.leave_out(LeftOut::File),
            Meaning::Named(name) => self.header(name, &value)?,
            Meaning::Basic => {
                let credentials = BASE64_STANDARD.encode(value);
                self.header("Authorization", &format!("Basic {credentials}"))?;
            }
            Meaning::Bearer => self.header("Authorization", &format!("Bearer {value}"))?,
            Meaning::Set(setting) => self.set(setting, option, &value),
            Meaning::Listens => return Err(CommandError::Listens(self.program.name())),
            Meaning::Flag | Meaning::Value => {}
            Meaning::NoFlag(lost) | Meaning::NoValue(lost) => {
                self.leave_out(lost.left_out(option));
            }
        }
        Ok(())
    }

    /// Sets an option of a connection through the page's server.
    fn set(&mut self, setting: Setting, option: &str, value: &str) {
        let value = self.literal(value).into_owned();
        let relay = &mut self.command.relay;
        match (setting, value.as_str()) {
            (Setting::Proxy(_), "") => relay.proxy.clear(),
            (Setting::Proxy(_), proxy) if proxy.contains("://") => relay.proxy = value,
            (Setting::Proxy(scheme), proxy) => relay.proxy = format!("{scheme}://{proxy}"),
            (Setting::Resolve, _) => self.resolutions.push(value),
            (Setting::Follow, _) => relay.follows_redirects = true,
            (Setting::Compression, "on") => relay.is_uncompressed = false,
            (Setting::Compression, "off") => relay.is_uncompressed = true,
            (Setting::Compression, parameters) => relay.offer(parameters),
            (Setting::TimeLimit, seconds) => match seconds.trim_end_matches('s').parse() {
                Ok(seconds) => relay.time_limit = seconds,
                Err(_) => self.leave_out(LeftOut::Option(option.to_owned())),
            },
        }
    }

    /// Takes the address: without user name and password, which are the sign-in unless a header is.
    fn address(&mut self, url: &str) {
        let url = self.literal(url).into_owned();
        let command = &mut self.command;
        let relay = Some(Box::new(std::mem::take(&mut command.relay)));
        let mut target = Target { url, relay, ..Target::default() };
        target.sign_in();
        command.address = target.url;
        command.relay = *target.relay.unwrap_or_default();
    }

    /// Takes the IP address that was given for the host and port of the address; those for others are left out.
    fn resolve(&mut self) {
        let address = Address::parse(&self.command.address, false);
        let host = address.map(|address| address.host_and_port()).unwrap_or_default();
        for resolution in std::mem::take(&mut self.resolutions) {
            // A + before it is curl's, for one that passes.
            let resolution = resolution.trim_start_matches('+').to_ascii_lowercase();
            let given = resolution.strip_prefix(&host).and_then(|rest| rest.strip_prefix(':'));
            match given.filter(|_| !host.is_empty()) {
                // Of several, curl takes them in turn.
                Some(given) => {
                    let first = given.split(',').next().unwrap_or_default();
                    first.trim_matches(['[', ']']).clone_into(&mut self.command.relay.address);
                }
                None => self.leave_out(LeftOut::Option("--resolve".to_owned())),
            }
        }
    }

    /// Positional word: the address, a subcommand, websocat's other end. Of several, the one with a
    /// scheme is the address.
    fn place(&mut self, word: String) -> Result<(), CommandError> {
        let is_first = self.address.is_none() && self.program == Program::Wsbench;
        if is_first && STARTS_A_SERVER.contains(&word.as_str()) {
            return Err(CommandError::Listens(self.program.name()));
        }
        let has_scheme = |word: &str| word.contains("://");
        let is_better = match &self.address {
            None => !matches!(word.as_str(), "-" | "bench" | "autobahn" | "record"),
            Some(address) => !has_scheme(address) && has_scheme(&word),
        };
        if is_better {
            self.address = Some(word);
        } else if word != "-" {
            self.leave_out(LeftOut::Option(word));
        }
        Ok(())
    }

    /// Reads a header: a subprotocol, a part of the handshake to leave out, or one to send.
    fn header(&mut self, name: &str, value: &str) -> Result<(), CommandError> {
        if name.eq_ignore_ascii_case("sec-websocket-protocol") {
            return self.subprotocols(value);
        }
        if value.is_empty() && self.program == Program::Curl {
            // Tells curl to send no such header.
            return Ok(());
        }
        let value = self.literal(value);
        if !add_header(&mut self.command.relay.headers, name, &value) {
            self.leave_out(LeftOut::Header(name.to_owned()));
        }
        Ok(())
    }

    /// Value without variables. Only our own commands have some: others could send a user's secrets to a stranger.
    fn literal<'a>(&self, value: &'a str) -> Cow<'a, str> {
        match self.program {
            Program::Wsbench => value.into(),
            _ => Template::escaped(value),
        }
    }

    /// Adds names with commas between them, up to the bound.
    fn subprotocols(&mut self, names: &str) -> Result<(), CommandError> {
        for name in names.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            if self.command.subprotocols.len() == MAX_SUBPROTOCOLS {
                return Err(CommandError::Subprotocols);
            }
            let name = self.literal(name).into_owned();
            self.command.subprotocols.push(name);
        }
        Ok(())
    }

    /// Adds a message, up to the bound.
    fn message(&mut self, message: String) -> Result<(), CommandError> {
        if self.command.messages.len() == MAX_MESSAGES {
            return Err(CommandError::Messages);
        }
        self.command.messages.push(message);
        Ok(())
    }

    /// Notes a part without a counterpart, once, and up to [`MAX_LEFT_OUT`] of them.
    fn leave_out(&mut self, left_out: LeftOut) {
        let known = &mut self.command.left_out;
        if known.len() < MAX_LEFT_OUT && !known.contains(&left_out) {
            known.push(left_out);
        }
    }
}
