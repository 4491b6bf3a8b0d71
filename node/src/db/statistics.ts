/**
 * The unit's totals over its full data: active people by the dimensions of the yearly statistics
 * (Circular 11/2012/TT-BNV and its successors), posts assigned and filled. State secrets count here
 * and nowhere else.
 */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { majorityEthnicCode } from '@lienthong/shared-schema/totals/measures.ts';
import type { Figure } from '@lienthong/shared-schema/wire/messages.ts';
import { sql } from 'kysely';

/** `asOf` is the day of the report, `YYYY-MM-DD`; ages are whole years at the end of that year. */
export async function computeFigures(db: Db, asOf: string): Promise<readonly Figure[]> {
  const year = Number(asOf.slice(0, 4));
  const { rows } = await sql<Figure>`
    with person as materialized (
      select i.record_id, i.sex, i.ethnic_group, r.state_secret,
        ${year}::integer - substr(i.birth_date, 1, 4)::integer as age,
        e.object_class, coalesce(e.status, '1') as status, s.rank_code, ed.highest_level,
        p.admitted_on, po.position_group
      from profile.identity i
      join profile.record r on r.record_id = i.record_id
      left join profile.employment e on e.record_id = i.record_id
      left join profile.salary s on s.record_id = i.record_id
      left join profile.education ed on ed.record_id = i.record_id
      left join profile.party p on p.record_id = i.record_id
      left join profile.position po on po.record_id = i.record_id
    ), active as (select * from person where status = '1'),
    newest_posts as (
      select record_id, post_kind, assigned,
        rank() over (partition by record_id order by year desc) as newest
      from profile.org_post
    )
    select 'people' as measure, key, value from (
      select 'travelling' as key, count(*) as value from person where not state_secret
      union all select 'secret', count(*) from person where state_secret
      union all select 'active', count(*) from active) t
    union all select 'object_class', coalesce(object_class, '?'), count(*) from active group by 2
    union all select 'sex', sex, count(*) from active group by 2
    union all select 'ethnic_minority',
      case when ethnic_group = ${majorityEthnicCode} then 'no' else 'yes' end, count(*)
      from active group by 2
    union all select 'age_band', case when age < 30 then '<30' when age <= 40 then '30-40'
      when age <= 50 then '41-50' when age <= 55 then '51-55' when age <= 60 then '56-60'
      else '>60' end, count(*) from active group by 2
    union all select 'rank_group', coalesce(c.salary_group, '?'), count(*) from active a
      left join lateral (select salary_group from catalogue.code_value v
        where v.list = 'NGACH' and v.code = a.rank_code
        order by ${asOf} collate "C" between v.valid_from and v.valid_to desc, v.valid_from desc
        limit 1) c on true group by 2
    union all select 'education', coalesce(highest_level, '?'), count(*) from active group by 2
    union all select 'party', case when admitted_on is null then 'no' else 'yes' end, count(*)
      from active group by 2
    union all select 'position_group', coalesce(position_group, '?'), count(*) from active group by 2
    union all select 'posts_assigned', post_kind, sum(assigned)::bigint from newest_posts
      where newest = 1 group by 2
    union all select 'posts_filled', case when object_class in ('1', '2', '5', '6') then '1'
      when object_class = '3' then '2' when object_class = '4' then '3' else '?' end, count(*)
      from active group by 2
    order by measure, key`.execute(db);
  return rows;
}
