-- Whoever has an account already could do everything, and still can. A row that names no role gets the least of them.
ALTER TABLE account ADD COLUMN role TEXT NOT NULL DEFAULT 'viewer' CHECK (role IN ('admin', 'editor', 'viewer'));
UPDATE account SET role = 'admin';
