-- Finding people: by words of the name without accents and letter case, and by part of the tree.

-- the given name, which comes last, goes first: that is how lists of people are ordered
create function profile.name_key(name text) returns text
-- no SQL function: that would be inlined, and its cost forgotten
language plpgsql immutable parallel safe strict cost 500 as $$
declare
  -- marks have no letter in place of them; regular expressions took twice as long
  plain constant text := lower(translate(normalize(name, nfd),
    E'đĐƀɃ\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u0309\u030A\u030B\u030C\u031B\u0323\u0327\u0328',
    'ddbb'));
  given constant integer := strpos(reverse(plain), ' ');
begin
  return case given when 0 then plain else right(plain, given - 1) || ' ' || left(plain, -given) end;
end
$$;

create index identity_name_idx on profile.identity
  ((profile.name_key(full_name)) collate "C", record_id);
create index identity_name_words_idx on profile.identity
  using gin (to_tsvector('simple', profile.name_key(full_name)));
-- a part of the tree is a range of codes
create index employment_unit_range_idx on profile.employment
  ((employing_unit) collate "C", record_id);
create index org_unit_parent_idx on profile.org_unit (parent_code);
create index record_state_secret_idx on profile.record (record_id) where state_secret;
