//! Files, links and commands in and out. Imports only fill tabs: nothing connects or sends.

mod command;
mod link;
mod list;
mod menu;
mod words;
mod workspace;

pub(crate) use self::{
    command::fill_from_command,
    link::open_link,
    list::{export, import},
    menu::FilesMenu,
};
