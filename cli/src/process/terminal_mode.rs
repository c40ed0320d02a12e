//! Terminal mode (termios): saved before the line editor changes it, restored at exit.

#[cfg(unix)]
use std::io;

#[cfg(unix)]
static SAVED: std::sync::OnceLock<rustix::termios::Termios> = std::sync::OnceLock::new();

/// Saves the mode of standard input's terminal, once. Does nothing but on Unix.
pub(crate) fn save() {
    #[cfg(unix)]
    if let Ok(mode) = rustix::termios::tcgetattr(io::stdin()) {
        let _ = SAVED.set(mode);
    }
}

/// Restores the saved mode, if any: the line editor may still be reading a key at exit.
#[cfg(unix)]
pub(crate) fn restore() {
    use std::io::Write;

    let Some(mode) = SAVED.get() else { return };
    // Bracketed paste off; to the start of the line, and clear the prompt.
    let _ = io::stdout().write_all(b"\x1b[?2004l\r\x1b[J");
    let _ = io::stdout().flush();
    let _ = rustix::termios::tcsetattr(io::stdin(), rustix::termios::OptionalActions::Drain, mode);
}

/// True while the line editor reads keys: the terminal is not in canonical mode.
#[cfg(unix)]
pub(crate) fn is_raw() -> bool {
    let mode = rustix::termios::tcgetattr(io::stdin());
    mode.is_ok_and(|mode| !mode.local_modes.contains(rustix::termios::LocalModes::ICANON))
}

/// Always true: unknown on this system.
#[cfg(not(unix))]
pub(crate) fn is_raw() -> bool {
    true
}

/// Does nothing on this system.
#[cfg(not(unix))]
pub(crate) fn restore() {}
