//! Time column of the message list.

/// Kind of time shown before each row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeShown {
    /// Local time of day.
    Clock,
    /// Time since the first row.
    SinceStart,
    /// Time since the previous row.
    SinceBefore,
}

impl TimeShown {
    /// All kinds, in the order of the menu.
    pub const ALL: [Self; 3] = [Self::Clock, Self::SinceStart, Self::SinceBefore];

    /// Name in storage and in the DOM, the same in every language.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Clock => "clock",
            Self::SinceStart => "since-start",
            Self::SinceBefore => "since-previous",
        }
    }
}
