//! Names of folders, saved messages and environments.

/// Maximum length of a folder, message or environment name in characters.
pub const MAX_NAME_CHARACTERS: usize = 100;

/// Invalid name of a list item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Empty name.
    #[error("Enter a name.")]
    Empty,
    /// Name longer than [`MAX_NAME_CHARACTERS`].
    #[error("A name has at most {MAX_NAME_CHARACTERS} characters. Shorten it.")]
    TooLong,
    /// Surrounding spaces, a line break or another control character.
    #[error("A name must be one line without leading or trailing spaces.")]
    Blanks,
}

/// Checks a name for a message, folder, connection or environment.
pub(crate) fn check_name(name: &str) -> Result<(), NameError> {
    if name.trim().is_empty() {
        Err(NameError::Empty)
    } else if name.chars().nth(MAX_NAME_CHARACTERS).is_some() {
        Err(NameError::TooLong)
    } else if name.trim() != name || name.contains(char::is_control) {
        Err(NameError::Blanks)
    } else {
        Ok(())
    }
}
