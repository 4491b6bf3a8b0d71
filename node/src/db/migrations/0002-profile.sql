-- The unit's own records. Derived from the field catalogue, version 1.
create schema profile;

-- kind 1: unit of the organisation tree, 2: person; a state secret travels in no section
create table profile.record (
  record_id uuid primary key default catalogue.new_record_id(),
  kind smallint not null check (kind in (1, 2)),
  state_secret boolean not null default false,
  created_at timestamptz not null default now()
);

create table profile.org_unit (
  record_id uuid not null,
  code text not null constraint org_unit_code_check check (code ~ '^[A-Z][0-9]{2}(\.[0-9A-Z]{1,10})*$' and char_length(code) <= 35),
  name text not null constraint org_unit_name_check check (char_length(name) between 1 and 250 and name is nfc normalized),
  parent_code text constraint org_unit_parent_code_check check (parent_code ~ '^[A-Z][0-9]{2}(\.[0-9A-Z]{1,10})*$' and char_length(parent_code) <= 35),
  unit_type text constraint org_unit_unit_type_check check (char_length(unit_type) between 1 and 20),
  established_on catalogue.partial_date,
  closed_on catalogue.partial_date,
  primary key (record_id),
  foreign key (record_id) references profile.record on delete cascade
);
comment on table profile.org_unit is 'Cơ cấu tổ chức';
comment on column profile.org_unit.code is 'Mã đơn vị';
comment on column profile.org_unit.name is 'Tên đơn vị';
comment on column profile.org_unit.parent_code is 'Mã đơn vị cấp trên';
comment on column profile.org_unit.unit_type is 'Loại hình';
comment on column profile.org_unit.established_on is 'Ngày thành lập';
comment on column profile.org_unit.closed_on is 'Ngày giải thể';

create table profile.org_post (
  record_id uuid not null,
  ordinal integer not null check (ordinal > 0),
  year integer not null constraint org_post_year_check check (year between 1945 and 2200),
  post_kind text not null constraint org_post_post_kind_check check (char_length(post_kind) between 1 and 20),
  assigned integer not null constraint org_post_assigned_check check (assigned between 0 and 1000000),
  primary key (record_id, ordinal),
  foreign key (record_id) references profile.record on delete cascade
);
comment on table profile.org_post is 'Biên chế giao';
comment on column profile.org_post.year is 'Năm';
comment on column profile.org_post.post_kind is 'Loại biên chế';
comment on column profile.org_post.assigned is 'Số được giao';

create table profile.identity (
  record_id uuid not null,
  pin text not null constraint identity_pin_check check (pin ~ '^[0-9]{12}$'),
  full_name text not null constraint identity_full_name_check check (char_length(full_name) between 1 and 120 and full_name is nfc normalized),
  other_names text constraint identity_other_names_check check (char_length(other_names) between 1 and 250 and other_names is nfc normalized),
  birth_date catalogue.partial_date not null,
  sex text not null constraint identity_sex_check check (char_length(sex) between 1 and 20),
  ethnic_group text not null constraint identity_ethnic_group_check check (char_length(ethnic_group) between 1 and 20),
  religion text constraint identity_religion_check check (char_length(religion) between 1 and 20),
  birth_place text constraint identity_birth_place_check check (char_length(birth_place) between 1 and 250 and birth_place is nfc normalized),
  birth_place_code text constraint identity_birth_place_code_check check (char_length(birth_place_code) between 1 and 20),
  home_town text constraint identity_home_town_check check (char_length(home_town) between 1 and 250 and home_town is nfc normalized),
  home_town_code text constraint identity_home_town_code_check check (char_length(home_town_code) between 1 and 20),
  primary key (record_id),
  foreign key (record_id) references profile.record on delete cascade
);
comment on table profile.identity is 'Nhân thân';
comment on column profile.identity.pin is 'Số định danh cá nhân/CCCD';
comment on column profile.identity.full_name is 'Họ và tên khai sinh';
comment on column profile.identity.other_names is 'Tên gọi khác';
comment on column profile.identity.birth_date is 'Ngày, tháng, năm sinh';
comment on column profile.identity.sex is 'Giới tính';
comment on column profile.identity.ethnic_group is 'Dân tộc';
comment on column profile.identity.religion is 'Tôn giáo';
comment on column profile.identity.birth_place is 'Nơi sinh';
comment on column profile.identity.birth_place_code is 'Mã nơi sinh';
comment on column profile.identity.home_town is 'Quê quán';
comment on column profile.identity.home_town_code is 'Mã quê quán';

create table profile.employment (
  record_id uuid not null,
  staff_number text constraint employment_staff_number_check check (char_length(staff_number) between 1 and 35 and staff_number is nfc normalized),
  object_class text not null constraint employment_object_class_check check (char_length(object_class) between 1 and 20),
  employing_unit text not null constraint employment_employing_unit_check check (employing_unit ~ '^[A-Z][0-9]{2}(\.[0-9A-Z]{1,10})*$' and char_length(employing_unit) <= 35),
  managing_unit text not null constraint employment_managing_unit_check check (managing_unit ~ '^[A-Z][0-9]{2}(\.[0-9A-Z]{1,10})*$' and char_length(managing_unit) <= 35),
  status text not null constraint employment_status_check check (char_length(status) between 1 and 20),
  status_date catalogue.partial_date,
  status_decision text constraint employment_status_decision_check check (char_length(status_decision) between 1 and 120 and status_decision is nfc normalized),
  primary key (record_id),
  foreign key (record_id) references profile.record on delete cascade
);
comment on table profile.employment is 'Quản lý hồ sơ';
comment on column profile.employment.staff_number is 'Số hiệu CBCCVC';
comment on column profile.employment.object_class is 'Loại hồ sơ';
comment on column profile.employment.employing_unit is 'Mã đơn vị sử dụng';
comment on column profile.employment.managing_unit is 'Mã đơn vị quản lý';
comment on column profile.employment.status is 'Tình trạng hồ sơ';
comment on column profile.employment.status_date is 'Ngày kết thúc công tác';
comment on column profile.employment.status_decision is 'Quyết định kết thúc công tác';

create table profile.id_paper (
  record_id uuid not null,
  issued_on catalogue.partial_date,
  issued_by text constraint id_paper_issued_by_check check (char_length(issued_by) between 1 and 250 and issued_by is nfc normalized),
  old_number text constraint id_paper_old_number_check check (char_length(old_number) between 1 and 12 and old_number is nfc normalized),
  primary key (record_id),
  foreign key (record_id) references profile.record on delete cascade
);
comment on table profile.id_paper is 'Giấy tờ tùy thân';
comment on column profile.id_paper.issued_on is 'Ngày cấp';
comment on column profile.id_paper.issued_by is 'Nơi cấp';
comment on column profile.id_paper.old_number is 'Số CMND cũ (9 số)';

create table profile.contact (
  record_id uuid not null,
  phone text constraint contact_phone_check check (char_length(phone) between 1 and 40 and phone is nfc normalized),
  email text constraint contact_email_check check (char_length(email) between 1 and 120 and email is nfc normalized),
  permanent_residence text constraint contact_permanent_residence_check check (char_length(permanent_residence) between 1 and 250 and permanent_residence is nfc normalized),
  permanent_residence_code text constraint contact_permanent_residence_code_check check (char_length(permanent_residence_code) between 1 and 20),
  current_residence text constraint contact_current_residence_check check (char_length(current_residence) between 1 and 250 and current_residence is nfc normalized),
  current_residence_code text constraint contact_current_residence_code_check check (char_length(current_residence_code) between 1 and 20),
  primary key (record_id),
  foreign key (record_id) references profile.record on delete cascade
);
comment on table profile.contact is 'Liên hệ và nơi ở';
comment on column profile.contact.phone is 'Số điện thoại liên hệ';
comment on column profile.contact.email is 'Thư điện tử';
comment on column profile.contact.permanent_residence is 'Nơi đăng ký thường trú';
comment on column profile.contact.permanent_residence_code is 'Mã nơi thường trú';
comment on column profile.contact.current_residence is 'Nơi ở hiện nay';
comment on column profile.contact.current_residence_code is 'Mã nơi ở hiện nay';

create table profile.insurance (
  record_id uuid not null,
  social_insurance_no text constraint insurance_social_insurance_no_check check (char_length(social_insurance_no) between 1 and 10 and social_insurance_no is nfc normalized),
  health_card_no text constraint insurance_health_card_no_check check (char_length(health_card_no) between 1 and 15 and health_card_no is nfc normalized),
  primary key (record_id),
  foreign key (record_id) references profile.record on delete cascade
);
comment on table profile.insurance is 'Bảo hiểm';
comment on column profile.insurance.social_insurance_no is 'Số sổ BHXH';
comment on column profile.insurance.health_card_no is 'Số thẻ BHYT';

create table profile.origin (
  record_id uuid not null,
  family_origin text constraint origin_family_origin_check check (char_length(family_origin) between 1 and 20),
  prior_occupation text constraint origin_prior_occupation_check check (char_length(prior_occupation) between 1 and 250 and prior_occupation is nfc normalized),
  policy_status text constraint origin_policy_status_check check (char_length(policy_status) between 1 and 20),
  primary key (record_id),
  foreign key (record_id) references profile.record on delete cascade
);
comment on table profile.origin is 'Xuất thân';
comment on column profile.origin.family_origin is 'Thành phần gia đình xuất thân';
comment on column profile.origin.prior_occupation is 'Nghề nghiệp trước khi tuyển dụng';
comment on column profile.origin.policy_status is 'Đối tượng chính sách';

create table profile.recruitment (
  record_id uuid not null,
  first_recruited_on catalogue.partial_date,
  recruiting_agency text constraint recruitment_recruiting_agency_check check (char_length(recruiting_agency) between 1 and 250 and recruiting_agency is nfc normalized),
  joined_agency_on catalogue.partial_date,
  recruiting_unit text constraint recruitment_recruiting_unit_check check (recruiting_unit ~ '^[A-Z][0-9]{2}(\.[0-9A-Z]{1,10})*$' and char_length(recruiting_unit) <= 35),
  recruited_position text constraint recruitment_recruited_position_check check (char_length(recruited_position) between 1 and 250 and recruited_position is nfc normalized),
  primary key (record_id),
  foreign key (record_id) references profile.record on delete cascade
);
comment on table profile.recruitment is 'Tuyển dụng';
comment on column profile.recruitment.first_recruited_on is 'Ngày được tuyển dụng lần đầu';
comment on column profile.recruitment.recruiting_agency is 'Cơ quan tuyển dụng';
comment on column profile.recruitment.joined_agency_on is 'Ngày vào cơ quan hiện nay';
comment on column profile.recruitment.recruiting_unit is 'Mã cơ quan tuyển dụng';
comment on column profile.recruitment.recruited_position is 'Vị trí tuyển dụng';

create table profile.party (
  record_id uuid not null,
  admitted_on catalogue.partial_date,
  official_on catalogue.partial_date,
  card_no text constraint party_card_no_check check (char_length(card_no) between 1 and 20 and card_no is nfc normalized),
  party_position text constraint party_party_position_check check (char_length(party_position) between 1 and 20),
  primary key (record_id),
  foreign key (record_id) references profile.record on delete cascade
);
comment on table profile.party is 'Đảng Cộng sản Việt Nam';
comment on column profile.party.admitted_on is 'Ngày vào Đảng';
comment on column profile.party.official_on is 'Ngày vào Đảng chính thức';
comment on column profile.party.card_no is 'Số thẻ đảng viên';
comment on column profile.party.party_position is 'Chức vụ Đảng';

create table profile.association (
  record_id uuid not null,
  first_joined_on catalogue.partial_date,
  organisation_name text constraint association_organisation_name_check check (char_length(organisation_name) between 1 and 250 and organisation_name is nfc normalized),
  primary key (record_id),
  foreign key (record_id) references profile.record on delete cascade
);
comment on table profile.association is 'Tổ chức chính trị - xã hội';
comment on column profile.association.first_joined_on is 'Ngày tham gia tổ chức CT-XH đầu tiên';
comment on column profile.association.organisation_name is 'Tên tổ chức CT-XH đầu tiên';

create table profile.military (
  record_id uuid not null,
  enlisted_on catalogue.partial_date,
  discharged_on catalogue.partial_date,
  highest_rank text constraint military_highest_rank_check check (char_length(highest_rank) between 1 and 20),
  primary key (record_id),
  foreign key (record_id) references profile.record on delete cascade
);
comment on table profile.military is 'Lực lượng vũ trang';
comment on column profile.military.enlisted_on is 'Ngày nhập ngũ';
comment on column profile.military.discharged_on is 'Ngày xuất ngũ';
comment on column profile.military.highest_rank is 'Quân hàm cao nhất';

create table profile.education (
  record_id uuid not null,
  general_education text constraint education_general_education_check check (char_length(general_education) between 1 and 20),
  highest_level text constraint education_highest_level_check check (char_length(highest_level) between 1 and 20),
  academic_title text constraint education_academic_title_check check (char_length(academic_title) between 1 and 20),
  academic_title_on catalogue.partial_date,
  degree text constraint education_degree_check check (char_length(degree) between 1 and 20),
  degree_on catalogue.partial_date,
  state_honour text constraint education_state_honour_check check (char_length(state_honour) between 1 and 20),
  political_theory text constraint education_political_theory_check check (char_length(political_theory) between 1 and 20),
  state_management text constraint education_state_management_check check (char_length(state_management) between 1 and 20),
  defence_security text constraint education_defence_security_check check (char_length(defence_security) between 1 and 20),
  minority_language text constraint education_minority_language_check check (char_length(minority_language) between 1 and 20),
  primary key (record_id),
  foreign key (record_id) references profile.record on delete cascade
);
comment on table profile.education is 'Trình độ';
comment on column profile.education.general_education is 'Trình độ giáo dục phổ thông';
comment on column profile.education.highest_level is 'Trình độ chuyên môn cao nhất';
comment on column profile.education.academic_title is 'Học hàm';
comment on column profile.education.academic_title_on is 'Ngày phong học hàm';
comment on column profile.education.degree is 'Học vị';
comment on column profile.education.degree_on is 'Ngày cấp học vị';
comment on column profile.education.state_honour is 'Danh hiệu nhà nước phong tặng';
comment on column profile.education.political_theory is 'Trình độ lý luận chính trị';
comment on column profile.education.state_management is 'Trình độ quản lý nhà nước';
comment on column profile.education.defence_security is 'Bồi dưỡng quốc phòng - an ninh';
comment on column profile.education.minority_language is 'Tiếng dân tộc thiểu số';

create table profile.position (
  record_id uuid not null,
  title text constraint position_title_check check (char_length(title) between 1 and 250 and title is nfc normalized),
  title_code text constraint position_title_code_check check (char_length(title_code) between 1 and 20),
  appointed_on catalogue.partial_date,
  reappointed_on catalogue.partial_date,
  concurrent_title text constraint position_concurrent_title_check check (char_length(concurrent_title) between 1 and 250 and concurrent_title is nfc normalized),
  main_work text constraint position_main_work_check check (char_length(main_work) between 1 and 500 and main_work is nfc normalized),
  strengths text constraint position_strengths_check check (char_length(strengths) between 1 and 500 and strengths is nfc normalized),
  job_position text constraint position_job_position_check check (char_length(job_position) between 1 and 250 and job_position is nfc normalized),
  position_group text constraint position_position_group_check check (char_length(position_group) between 1 and 20),
  elected_term text constraint position_elected_term_check check (char_length(elected_term) between 1 and 120 and elected_term is nfc normalized),
  primary key (record_id),
  foreign key (record_id) references profile.record on delete cascade
);
comment on table profile.position is 'Chức vụ, vị trí việc làm';
comment on column profile.position.title is 'Chức vụ hiện tại';
comment on column profile.position.title_code is 'Mã chức vụ';
comment on column profile.position.appointed_on is 'Ngày bổ nhiệm';
comment on column profile.position.reappointed_on is 'Ngày bổ nhiệm lại';
comment on column profile.position.concurrent_title is 'Chức vụ kiêm nhiệm';
comment on column profile.position.main_work is 'Công việc chính được giao';
comment on column profile.position.strengths is 'Sở trường công tác';
comment on column profile.position.job_position is 'Vị trí việc làm';
comment on column profile.position.position_group is 'Nhóm vị trí việc làm';
comment on column profile.position.elected_term is 'Nhiệm kỳ cán bộ chuyên trách';

create table profile.planning (
  record_id uuid not null,
  planned_title text constraint planning_planned_title_check check (char_length(planned_title) between 1 and 250 and planned_title is nfc normalized),
  primary key (record_id),
  foreign key (record_id) references profile.record on delete cascade
);
comment on table profile.planning is 'Quy hoạch';
comment on column profile.planning.planned_title is 'Quy hoạch chức danh';

create table profile.salary (
  record_id uuid not null,
  rank_name text constraint salary_rank_name_check check (char_length(rank_name) between 1 and 250 and rank_name is nfc normalized),
  rank_code text constraint salary_rank_code_check check (char_length(rank_code) between 1 and 20),
  rank_since catalogue.partial_date,
  step integer constraint salary_step_check check (step between 1 and 12),
  coefficient numeric(4, 2),
  step_since catalogue.partial_date,
  percent_paid numeric(5, 2),
  over_scale_percent numeric(5, 2),
  position_allowance numeric(5, 2),
  concurrent_allowance numeric(5, 2),
  other_allowance numeric(5, 2),
  step_until catalogue.partial_date,
  primary key (record_id),
  foreign key (record_id) references profile.record on delete cascade
);
comment on table profile.salary is 'Ngạch, lương, phụ cấp';
comment on column profile.salary.rank_name is 'Tên ngạch / chức danh nghề nghiệp';
comment on column profile.salary.rank_code is 'Mã ngạch / mã số CDNN';
comment on column profile.salary.rank_since is 'Ngày bổ nhiệm ngạch';
comment on column profile.salary.step is 'Bậc lương';
comment on column profile.salary.coefficient is 'Hệ số lương';
comment on column profile.salary.step_since is 'Ngày hưởng bậc';
comment on column profile.salary.percent_paid is 'Phần trăm hưởng';
comment on column profile.salary.over_scale_percent is 'Thâm niên vượt khung (%)';
comment on column profile.salary.position_allowance is 'Phụ cấp chức vụ';
comment on column profile.salary.concurrent_allowance is 'Phụ cấp kiêm nhiệm';
comment on column profile.salary.other_allowance is 'Phụ cấp khác';
comment on column profile.salary.step_until is 'Ngày hết hưởng bậc';

create table profile.health (
  record_id uuid not null,
  condition text constraint health_condition_check check (char_length(condition) between 1 and 20),
  height_cm integer constraint health_height_cm_check check (height_cm between 50 and 250),
  weight_kg integer constraint health_weight_kg_check check (weight_kg between 20 and 300),
  blood_group text constraint health_blood_group_check check (char_length(blood_group) between 1 and 20),
  primary key (record_id),
  foreign key (record_id) references profile.record on delete cascade
);
comment on table profile.health is 'Sức khỏe';
comment on column profile.health.condition is 'Tình trạng sức khỏe';
comment on column profile.health.height_cm is 'Chiều cao';
comment on column profile.health.weight_kg is 'Cân nặng';
comment on column profile.health.blood_group is 'Nhóm máu';

create table profile.training (
  record_id uuid not null,
  ordinal integer not null check (ordinal > 0),
  from_date catalogue.partial_date,
  to_date catalogue.partial_date,
  institution text constraint training_institution_check check (char_length(institution) between 1 and 250 and institution is nfc normalized),
  field_of_study text constraint training_field_of_study_check check (char_length(field_of_study) between 1 and 250 and field_of_study is nfc normalized),
  form text constraint training_form_check check (char_length(form) between 1 and 20),
  qualification text constraint training_qualification_check check (char_length(qualification) between 1 and 120 and qualification is nfc normalized),
  level text constraint training_level_check check (char_length(level) between 1 and 20),
  grade text constraint training_grade_check check (char_length(grade) between 1 and 20),
  country text constraint training_country_check check (char_length(country) between 1 and 120 and country is nfc normalized),
  primary key (record_id, ordinal),
  foreign key (record_id) references profile.record on delete cascade
);
comment on table profile.training is 'Đào tạo chuyên môn';
comment on column profile.training.from_date is 'Từ';
comment on column profile.training.to_date is 'Đến';
comment on column profile.training.institution is 'Cơ sở đào tạo';
comment on column profile.training.field_of_study is 'Chuyên ngành đào tạo';
comment on column profile.training.form is 'Hình thức đào tạo';
comment on column profile.training.qualification is 'Văn bằng, trình độ';
comment on column profile.training.level is 'Trình độ đào tạo';
comment on column profile.training.grade is 'Xếp loại tốt nghiệp';
comment on column profile.training.country is 'Nước đào tạo';

create table profile.political_training (
  record_id uuid not null,
  ordinal integer not null check (ordinal > 0),
  from_date catalogue.partial_date,
  to_date catalogue.partial_date,
  institution text constraint political_training_institution_check check (char_length(institution) between 1 and 250 and institution is nfc normalized),
  form text constraint political_training_form_check check (char_length(form) between 1 and 20),
  level text constraint political_training_level_check check (char_length(level) between 1 and 20),
  primary key (record_id, ordinal),
  foreign key (record_id) references profile.record on delete cascade
);
comment on table profile.political_training is 'Lý luận chính trị';
comment on column profile.political_training.from_date is 'Từ';
comment on column profile.political_training.to_date is 'Đến';
comment on column profile.political_training.institution is 'Cơ sở đào tạo';
comment on column profile.political_training.form is 'Hình thức';
comment on column profile.political_training.level is 'Văn bằng được cấp';

create table profile.state_management_training (
  record_id uuid not null,
  ordinal integer not null check (ordinal > 0),
  from_date catalogue.partial_date,
  to_date catalogue.partial_date,
  institution text constraint state_management_training_institution_check check (char_length(institution) between 1 and 250 and institution is nfc normalized),
  certificate text constraint state_management_training_certificate_check check (char_length(certificate) between 1 and 20),
  primary key (record_id, ordinal),
  foreign key (record_id) references profile.record on delete cascade
);
comment on table profile.state_management_training is 'Bồi dưỡng quản lý nhà nước';
comment on column profile.state_management_training.from_date is 'Từ';
comment on column profile.state_management_training.to_date is 'Đến';
comment on column profile.state_management_training.institution is 'Cơ sở đào tạo';
comment on column profile.state_management_training.certificate is 'Chứng chỉ được cấp';

create table profile.defence_training (
  record_id uuid not null,
  ordinal integer not null check (ordinal > 0),
  from_date catalogue.partial_date,
  to_date catalogue.partial_date,
  institution text constraint defence_training_institution_check check (char_length(institution) between 1 and 250 and institution is nfc normalized),
  certificate text constraint defence_training_certificate_check check (char_length(certificate) between 1 and 20),
  primary key (record_id, ordinal),
  foreign key (record_id) references profile.record on delete cascade
);
comment on table profile.defence_training is 'Bồi dưỡng quốc phòng - an ninh';
comment on column profile.defence_training.from_date is 'Từ';
comment on column profile.defence_training.to_date is 'Đến';
comment on column profile.defence_training.institution is 'Cơ sở đào tạo';
comment on column profile.defence_training.certificate is 'Chứng chỉ được cấp';

create table profile.it_training (
  record_id uuid not null,
  ordinal integer not null check (ordinal > 0),
  from_date catalogue.partial_date,
  to_date catalogue.partial_date,
  institution text constraint it_training_institution_check check (char_length(institution) between 1 and 250 and institution is nfc normalized),
  certificate text constraint it_training_certificate_check check (char_length(certificate) between 1 and 20),
  primary key (record_id, ordinal),
  foreign key (record_id) references profile.record on delete cascade
);
comment on table profile.it_training is 'Tin học';
comment on column profile.it_training.from_date is 'Từ';
comment on column profile.it_training.to_date is 'Đến';
comment on column profile.it_training.institution is 'Cơ sở đào tạo';
comment on column profile.it_training.certificate is 'Chứng chỉ được cấp';

create table profile.language_training (
  record_id uuid not null,
  ordinal integer not null check (ordinal > 0),
  from_date catalogue.partial_date,
  to_date catalogue.partial_date,
  institution text constraint language_training_institution_check check (char_length(institution) between 1 and 250 and institution is nfc normalized),
  language text constraint language_training_language_check check (char_length(language) between 1 and 20),
  level text constraint language_training_level_check check (char_length(level) between 1 and 20),
  score numeric(6, 2),
  primary key (record_id, ordinal),
  foreign key (record_id) references profile.record on delete cascade
);
comment on table profile.language_training is 'Ngoại ngữ, tiếng dân tộc';
comment on column profile.language_training.from_date is 'Từ';
comment on column profile.language_training.to_date is 'Đến';
comment on column profile.language_training.institution is 'Cơ sở đào tạo';
comment on column profile.language_training.language is 'Tên ngoại ngữ / tiếng dân tộc';
comment on column profile.language_training.level is 'Chứng chỉ được cấp';
comment on column profile.language_training.score is 'Điểm số';

create table profile.work_history (
  record_id uuid not null,
  ordinal integer not null check (ordinal > 0),
  from_date catalogue.partial_date,
  to_date catalogue.partial_date,
  unit_name text constraint work_history_unit_name_check check (char_length(unit_name) between 1 and 250 and unit_name is nfc normalized),
  position text constraint work_history_position_check check (char_length(position) between 1 and 250 and position is nfc normalized),
  unit_code text constraint work_history_unit_code_check check (unit_code ~ '^[A-Z][0-9]{2}(\.[0-9A-Z]{1,10})*$' and char_length(unit_code) <= 35),
  primary key (record_id, ordinal),
  foreign key (record_id) references profile.record on delete cascade
);
comment on table profile.work_history is 'Quá trình công tác';
comment on column profile.work_history.from_date is 'Từ tháng/năm';
comment on column profile.work_history.to_date is 'Đến tháng/năm';
comment on column profile.work_history.unit_name is 'Cơ quan, đơn vị';
comment on column profile.work_history.position is 'Chức vụ/Vị trí việc làm';
comment on column profile.work_history.unit_code is 'Mã cơ quan, đơn vị';

create table profile.personal_history (
  record_id uuid not null,
  arrests text constraint personal_history_arrests_check check (char_length(arrests) between 1 and 4000 and arrests is nfc normalized),
  former_regime text constraint personal_history_former_regime_check check (char_length(former_regime) between 1 and 4000 and former_regime is nfc normalized),
  foreign_relations text constraint personal_history_foreign_relations_check check (char_length(foreign_relations) between 1 and 4000 and foreign_relations is nfc normalized),
  primary key (record_id),
  foreign key (record_id) references profile.record on delete cascade
);
comment on table profile.personal_history is 'Đặc điểm lịch sử bản thân';
comment on column profile.personal_history.arrests is 'Khai rõ: bị bắt, bị tù (thời gian, nơi, đã khai báo cho ai)';
comment on column profile.personal_history.former_regime is 'Bản thân có làm việc cho chế độ cũ';
comment on column profile.personal_history.foreign_relations is 'Quan hệ với tổ chức chính trị, kinh tế, xã hội ở nước ngoài';

create table profile.reward (
  record_id uuid not null,
  ordinal integer not null check (ordinal > 0),
  year integer not null constraint reward_year_check check (year between 1945 and 2200),
  grading text constraint reward_grading_check check (char_length(grading) between 1 and 20),
  emulation text constraint reward_emulation_check check (char_length(emulation) between 1 and 20),
  form text constraint reward_form_check check (char_length(form) between 1 and 20),
  primary key (record_id, ordinal),
  foreign key (record_id) references profile.record on delete cascade
);
comment on table profile.reward is 'Khen thưởng';
comment on column profile.reward.year is 'Năm';
comment on column profile.reward.grading is 'Xếp loại chuyên môn';
comment on column profile.reward.emulation is 'Xếp loại thi đua';
comment on column profile.reward.form is 'Hình thức khen thưởng';

create table profile.discipline (
  record_id uuid not null,
  ordinal integer not null check (ordinal > 0),
  from_date catalogue.partial_date not null,
  to_date catalogue.partial_date,
  form text not null constraint discipline_form_check check (char_length(form) between 1 and 20),
  violation text constraint discipline_violation_check check (char_length(violation) between 1 and 500 and violation is nfc normalized),
  decided_by text constraint discipline_decided_by_check check (char_length(decided_by) between 1 and 250 and decided_by is nfc normalized),
  primary key (record_id, ordinal),
  foreign key (record_id) references profile.record on delete cascade
);
comment on table profile.discipline is 'Kỷ luật';
comment on column profile.discipline.from_date is 'Từ ngày';
comment on column profile.discipline.to_date is 'Đến ngày';
comment on column profile.discipline.form is 'Hình thức kỷ luật';
comment on column profile.discipline.violation is 'Hành vi vi phạm chính';
comment on column profile.discipline.decided_by is 'Cơ quan quyết định';

create table profile.family_own (
  record_id uuid not null,
  ordinal integer not null check (ordinal > 0),
  relationship text not null constraint family_own_relationship_check check (char_length(relationship) between 1 and 20),
  full_name text constraint family_own_full_name_check check (char_length(full_name) between 1 and 120 and full_name is nfc normalized),
  birth_year integer constraint family_own_birth_year_check check (birth_year between 1800 and 2200),
  details text constraint family_own_details_check check (char_length(details) between 1 and 1000 and details is nfc normalized),
  primary key (record_id, ordinal),
  foreign key (record_id) references profile.record on delete cascade
);
comment on table profile.family_own is 'Quan hệ gia đình về bản thân';
comment on column profile.family_own.relationship is 'Mối quan hệ';
comment on column profile.family_own.full_name is 'Họ và tên';
comment on column profile.family_own.birth_year is 'Năm sinh';
comment on column profile.family_own.details is 'Quê quán, nghề nghiệp, chức danh, đơn vị, nơi ở';

create table profile.family_spouse (
  record_id uuid not null,
  ordinal integer not null check (ordinal > 0),
  relationship text not null constraint family_spouse_relationship_check check (char_length(relationship) between 1 and 20),
  full_name text constraint family_spouse_full_name_check check (char_length(full_name) between 1 and 120 and full_name is nfc normalized),
  birth_year integer constraint family_spouse_birth_year_check check (birth_year between 1800 and 2200),
  details text constraint family_spouse_details_check check (char_length(details) between 1 and 1000 and details is nfc normalized),
  primary key (record_id, ordinal),
  foreign key (record_id) references profile.record on delete cascade
);
comment on table profile.family_spouse is 'Quan hệ gia đình về bên vợ (chồng)';
comment on column profile.family_spouse.relationship is 'Mối quan hệ';
comment on column profile.family_spouse.full_name is 'Họ và tên';
comment on column profile.family_spouse.birth_year is 'Năm sinh';
comment on column profile.family_spouse.details is 'Quê quán, nghề nghiệp, chức danh, đơn vị, nơi ở';

create table profile.salary_history (
  record_id uuid not null,
  ordinal integer not null check (ordinal > 0),
  from_date catalogue.partial_date,
  to_date catalogue.partial_date,
  rank_code text constraint salary_history_rank_code_check check (char_length(rank_code) between 1 and 20),
  step integer constraint salary_history_step_check check (step between 1 and 12),
  coefficient numeric(4, 2),
  percent_paid numeric(5, 2),
  primary key (record_id, ordinal),
  foreign key (record_id) references profile.record on delete cascade
);
comment on table profile.salary_history is 'Quá trình lương';
comment on column profile.salary_history.from_date is 'Từ ngày';
comment on column profile.salary_history.to_date is 'Đến ngày';
comment on column profile.salary_history.rank_code is 'Mã ngạch';
comment on column profile.salary_history.step is 'Bậc';
comment on column profile.salary_history.coefficient is 'Hệ số';
comment on column profile.salary_history.percent_paid is 'Phần trăm hưởng';

create table profile.allowance_history (
  record_id uuid not null,
  ordinal integer not null check (ordinal > 0),
  from_date catalogue.partial_date,
  to_date catalogue.partial_date,
  allowance_kind text constraint allowance_history_allowance_kind_check check (char_length(allowance_kind) between 1 and 20),
  coefficient numeric(5, 2),
  percent numeric(5, 2),
  amount numeric(14, 0),
  payment_form text constraint allowance_history_payment_form_check check (char_length(payment_form) between 1 and 20),
  primary key (record_id, ordinal),
  foreign key (record_id) references profile.record on delete cascade
);
comment on table profile.allowance_history is 'Quá trình phụ cấp';
comment on column profile.allowance_history.from_date is 'Từ ngày';
comment on column profile.allowance_history.to_date is 'Đến ngày';
comment on column profile.allowance_history.allowance_kind is 'Loại phụ cấp';
comment on column profile.allowance_history.coefficient is 'Hệ số';
comment on column profile.allowance_history.percent is 'Phần trăm hưởng phụ cấp';
comment on column profile.allowance_history.amount is 'Giá trị';
comment on column profile.allowance_history.payment_form is 'Hình thức hưởng';

create table profile.income_assets (
  record_id uuid not null,
  yearly_income numeric(14, 0),
  property text constraint income_assets_property_check check (char_length(property) between 1 and 2000 and property is nfc normalized),
  primary key (record_id),
  foreign key (record_id) references profile.record on delete cascade
);
comment on table profile.income_assets is 'Nguồn thu nhập, tài sản';
comment on column profile.income_assets.yearly_income is 'Lương và các nguồn thu khác hằng năm';
comment on column profile.income_assets.property is 'Nhà ở, đất ở, đất sản xuất kinh doanh';

create table profile.evaluation (
  record_id uuid not null,
  ordinal integer not null check (ordinal > 0),
  year integer not null constraint evaluation_year_check check (year between 1945 and 2200),
  grade text constraint evaluation_grade_check check (char_length(grade) between 1 and 20),
  authority text constraint evaluation_authority_check check (char_length(authority) between 1 and 250 and authority is nfc normalized),
  comments text constraint evaluation_comments_check check (char_length(comments) between 1 and 2000 and comments is nfc normalized),
  primary key (record_id, ordinal),
  foreign key (record_id) references profile.record on delete cascade
);
comment on table profile.evaluation is 'Nhận xét, đánh giá';
comment on column profile.evaluation.year is 'Năm đánh giá';
comment on column profile.evaluation.grade is 'Kết quả đánh giá';
comment on column profile.evaluation.authority is 'Thẩm quyền đánh giá';
comment on column profile.evaluation.comments is 'Nhận xét';

create unique index org_unit_code_idx on profile.org_unit (code);
create index identity_pin_idx on profile.identity (pin);
create index employment_employing_unit_idx on profile.employment (employing_unit);
