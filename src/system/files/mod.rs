//! The file system: files are written whole or not at all, with their mode before their content, and no symbolic link is
//! followed to write.

mod access;
mod attributes;
mod compose;
pub mod directory;
mod error;
mod lines;
mod mode;
mod private_lock;
mod read;
mod rewrite;
mod scratch;
mod spare;
mod stamp;
mod temporary;
mod together;
mod way;
mod write;

pub use access::{Access, access, current_user, modified, size};
pub use compose::{compose, compose_new};
pub use directory::DirectoryLock;
pub use error::{FileAct, FileError};
pub use lines::{Line, Lines};
pub use mode::{DirectoryMode, FileMode};
pub use private_lock::PrivateLock;
pub use read::{open_regular, read_bounded, read_private, read_secret, read_stdin_bounded};
pub use rewrite::rewrite;
pub use scratch::{Scratch, hold, remove_left};
pub use spare::{Spare, link};
pub use stamp::{Stamp, stamp};
pub use temporary::{clear_left, left_in, try_writing_in};
pub use together::{Ownership, Placed, create_directory_for, replace_together};
pub use write::{
    create_directory, create_directory_unsynced, create_filled, create_filled_unsynced, remove, replace,
    replace_unsynced, swap_symlink, swap_symlink_unsynced, sync_file_system, write_new, write_new_unsynced,
};
