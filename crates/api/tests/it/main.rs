//! The API through its HTTP face, over a real store and a real listener.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod auth;
mod health;
mod import;
mod media;
mod openapi;
mod pages;
mod site;
mod web;
