-- Finding a chart by name, birth date or telephone number.
--
-- Names are kept as words in small Latin letters, in whatever script they were written, and so is what is looked for:
-- both by the functions below, so that the two can never differ. Words are compared by range (>=, <) in the order of
-- "C": those operators are leakproof, so the index serves below row-level security; LIKE is not and would not.

create table name_letter (letter text collate "C" primary key, latin text not null);

-- `phone` is encrypted; `phone_keys` are its blind indexes: of the whole number and of its last seven digits.
alter table patient add column phone text, add column phone_keys text[] not null default '{}';

create table patient_word (
  patient_id uuid not null references patient on delete cascade,
  word text collate "C" not null,
  confidentiality text not null,
  primary key (word, patient_id) include (confidentiality)
);
create index ix_patient_word_patient_id on patient_word (patient_id);

-- In plpgsql, like the next ones, so that it keeps its plan: it runs for each word of each chart.
create function romanised(p_text text) returns text language plpgsql stable parallel safe as $$
begin
  if p_text ~ '^[a-zA-Z0-9 ]*$' then
    return lower(p_text);
  end if;
  return (
    select coalesce(string_agg(
      coalesce((select l.latin from public.name_letter l where l.letter = c.letter collate "C"), c.letter), '' order by c.at), '')
    from regexp_split_to_table(lower(normalize(p_text, NFKD)), '') with ordinality c (letter, at));
end $$;

-- What is left of a word when vowels and the ways to write one consonant no longer matter: the same for Yusuf,
-- Youssef and the four letters that are all Arabic writes of it.
create function name_sound(p_word text) returns text language plpgsql immutable parallel safe as $$
declare
  s text := regexp_replace(p_word, '(.)\1+', '\1', 'g');
begin
  s := regexp_replace(s, 'h$', '');
  s := regexp_replace(s, 'shch|sch|tch|sh|ch|zh|ts|tz|z|c(?=[eiy])', 's', 'g');
  s := regexp_replace(s, 'kh|gh|ck|c|q|g', 'k', 'g');
  s := regexp_replace(s, 'ph|v', 'f', 'g');
  s := regexp_replace(regexp_replace(regexp_replace(s, 'th', 't', 'g'), 'dh', 'd', 'g'), 'x', 'ks', 'g');
  s := replace(s, 'p', 'b');
  s := regexp_replace(regexp_replace(s, '^[aeiou]+', 'a'), '^y', 'j');
  return left(s, 1) || regexp_replace(substr(s, 2), '[aeiouwy]', '', 'g');
end $$;

-- The words of a name. A sound is marked by whether the word was written in Latin letters (~) or not (^), because it
-- is only looked for across scripts: within one, spelling tells more.
create function name_words(p_text text) returns table (at bigint, word text, sound text)
language plpgsql stable parallel safe as $$
begin
  return query
  select w.at, f.form, case when normalize(w.word, NFKD) ~ '[\u0370-\u1fff\u2c00-\uffff]' then '^' else '~' end
    || public.name_sound(f.form)
  from regexp_split_to_table(translate(p_text, '''‘’ʻʼ`', ''),
    '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00bf\u2000-\u206f\u060c\u3000-\u3002]+')
    with ordinality w (word, at)
  cross join lateral (
    select public.romanised(w.word)
    union all select substr(public.romanised(w.word), 3) where w.word like 'ال___%'
    union all select public.romanised(replace(replace(replace(w.word, 'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'))
      where w.word ~ '[äöü]'
  ) f (form)
  where f.form <> '';
end $$;

create function patient_words(p_family text, p_given text, p_birth_date date, p_phone_keys text[])
returns table (word text) language plpgsql stable parallel safe as $$
begin
  return query
  select distinct x.word from (
    select f.form from public.name_words(p_family || ' ' || p_given) w
      cross join lateral (values (w.word), (case when length(w.sound) > 2 then w.sound end)) f (form)
    -- Written together, as Chinese and Korean names are.
    union all select public.romanised(p_family || p_given)
      where (p_family || p_given) ~ '^[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+$'
    union all select '@' || to_char(p_birth_date, 'YYYYMMDD')
    union all select '#' || k.key from unnest(p_phone_keys) k (key)
  ) x (word) where x.word is not null;
end $$;

-- What is looked for: each word of a query (`token`) with the ranges of words that answer it.
create function wanted_words(p_names text) returns table (token bigint, low text, high text)
language sql stable parallel safe as $$
  select w.at, r.low, r.low || chr(1114111)
  from public.name_words(p_names) w
  cross join lateral (
    select w.word
    union all select '^' || substr(w.sound, 2) where length(w.sound) > 2
    union all select w.sound where length(w.sound) > 2 and w.sound like '^%'
    union all select '~' || substr(w.sound, 2) where length(w.sound) > 2 and w.sound like '^%'
  ) r (low)
$$;

-- How far the actor's rights over every chart go (position in NRV), 0 if they have none. Asked once per statement.
create function reach(p_verb text, p_section text) returns int language sql stable parallel safe as $$
  select coalesce(max(position(g.up_to in 'NRV')), 0) from public.access_grant g
  where g.grantee = any (public.actor_grantees()) and g.patient_id is null
    and p_section = any (g.sections) and p_verb = any (g.verbs)
    and g.min_assurance <= coalesce(nullif(current_setting('portal.assurance', true), '')::int, 0)
    and (g.valid_until is null or g.valid_until > now())
$$;

-- Keeps the words of a chart with the chart, whoever writes it.
create function keep_patient_words() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' then
    delete from patient_word w using changed c where w.patient_id = c.id;
  end if;
  insert into patient_word (patient_id, word, confidentiality)
    select c.id, w.word, c.confidentiality from changed c
    cross join lateral patient_words(c.family_name, c.given_name, c.birth_date, c.phone_keys) w (word);
  return null;
end $$;
create trigger patient_words_added after insert on patient
  referencing new table as changed for each statement execute function keep_patient_words();
create trigger patient_words_changed after update on patient
  referencing new table as changed for each statement execute function keep_patient_words();
