//! What runs in the browser.
//!
//! The server draws every page; nothing here draws one a second time. The script makes a page quicker to use than
//! links and forms alone:
//!
//! - One event stream a browser ([`stream`]) says *what* has changed. A page that shows one of these things is fetched
//!   again ([`live`]).
//! - A form is sent, and a link to the same path followed, without leaving the document ([`acts`]).
//! - In each case the server answers with a whole page, and what differs is put into the one on screen ([`morph`]), whose rows stay where they are while somebody is at them ([`order`]).
//!   Focus, scroll position, opened details and typed text stay where they are.
//! - What an act brings about that can be undone shows before the answer ([`expect`]).
//! - What an act has done becomes a toast ([`toasts`]), and the search a palette ([`palette`]).
//! - Rows that are ticked for an act are counted ([`picks`]).
//! - Ages tick ([`clock`]), keys are heard ([`keys`]), and Back leads to where somebody was ([`place`]).
//!
//! So whatever works with scripts works without them too. The only island is the live indicator, as only it has a
//! state of its own.

mod acts;
mod clock;
mod expect;
mod keys;
pub mod live;
mod morph;
mod order;
mod page;
mod palette;
mod picks;
mod place;
mod stream;
mod toasts;

/// Wakes the page up. Call once, when the document has been parsed.
pub fn start() {
    acts::listen();
    keys::listen();
    place::listen();
    clock::start();
    page::arrived();
}
