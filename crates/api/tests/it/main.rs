//! The API through its HTTP face, over a real store and a real listener.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod accounts;
mod accounts_migration;
mod audit;
mod auth;
mod export;
mod feeds;
mod health;
mod idempotency;
mod import;
mod leads;
mod leads_given;
mod lists;
mod live;
mod media;
mod media_folder;
mod media_library;
mod media_uploads;
mod media_variants;
mod menus;
mod openapi;
mod operations;
mod outbox;
mod pages;
mod pages_drafts;
mod pages_languages;
mod pages_life;
mod pages_migration;
mod pages_redirects;
mod pages_revisions;
mod pages_tags;
mod passkey_device;
mod passkeys;
mod people;
mod roles;
mod second_factor;
mod settings;
mod site;
mod social;
mod social_plans;
mod tokens;
mod views;
mod web;
mod wire;
