/*
 * The application: what every answer is made of, loaded once. See web.h.
 */
#include <stdlib.h>

#include "web/assets.h"
#include "web/brake.h"
#include "web/views.h"

const struct web_route *const web_all_routes[] = {web_finder_routes,
                                                  web_packing_routes,
                                                  web_learn_routes,
                                                  web_paying_routes,
                                                  web_instrument_routes,
                                                  web_choose_routes,
                                                  web_care_routes,
                                                  web_carry_routes,
                                                  web_ask_routes,
                                                  web_talk_routes,
                                                  web_refer_routes,
                                                  web_request_routes,
                                                  web_tap_routes,
                                                  web_operations_routes,
                                                  desk_sign_in_routes,
                                                  desk_home_routes,
                                                  desk_own_routes,
                                                  desk_users_routes,
                                                  desk_station_routes,
                                                  desk_record_routes,
                                                  desk_consent_routes,
                                                  desk_consent_new_routes,
                                                  desk_consent_paper_routes,
                                                  desk_share_routes,
                                                  desk_family_routes,
                                                  desk_emergency_routes,
                                                  desk_notice_routes,
                                                  desk_mine_routes,
                                                  desk_people_routes,
                                                  desk_person_routes,
                                                  desk_photo_routes,
                                                  desk_file_routes,
                                                  desk_import_routes,
                                                  desk_looking_routes,
                                                  web_messages_routes,
                                                  desk_delivered_routes,
                                                  desk_joining_routes,
                                                  desk_erase_routes,
                                                  desk_settings_routes,
                                                  desk_sites_routes,
                                                  desk_front_routes,
                                                  desk_availability_routes,
                                                  desk_talk_routes,
                                                  desk_staff_routes,
                                                  desk_team_routes,
                                                  desk_account_routes,
                                                  desk_requests_routes,
                                                  desk_request_routes,
                                                  desk_belongings_routes,
                                                  desk_belonging_routes,
                                                  desk_belongings_return_routes,
                                                  desk_belongings_sign_routes,
                                                  desk_intake_routes,
                                                  desk_callbacks_routes,
                                                  desk_waitlist_routes,
                                                  desk_waitlist_entry_routes,
                                                  desk_coverage_routes,
                                                  desk_coverage_plan_routes,
                                                  desk_benefits_routes,
                                                  desk_slots_routes,
                                                  desk_slot_settings_routes,
                                                  desk_request_record_routes,
                                                  desk_beds_routes,
                                                  desk_bed_events_routes,
                                                  desk_bed_routes,
                                                  desk_bed_hold_routes,
                                                  desk_bed_settings_routes,
                                                  desk_own_coverage_routes,
                                                  desk_own_requests_routes,
                                                  desk_coverage_letter_routes,
                                                  desk_coverage_x12_routes,
                                                  desk_coverage_answer_routes,
                                                  desk_request_settings_routes,
                                                  desk_handout_routes,
                                                  desk_handout_settings_routes,
                                                  desk_bed_correct_routes,
                                                  NULL};

static bool load_languages(struct web_application *application, struct error *error)
{
  const char *pages = file_join(application->arena, application->share_folder, "pages");
  application->language_count = catalog_language_count(application->catalog);
  if (application->language_count > WEB_LANGUAGES)
    return error_set(error, ERROR_SYSTEM, "error.web.start", "Keep fewer folders in locale/.",
                     "%zu languages, at most %d", application->language_count, WEB_LANGUAGES);
  for (size_t i = 0; i < application->language_count; i++) {
    application->languages[i] = catalog_language(application->catalog, i);
    if (!template_set_load(&application->templates[i], pages, application->catalog, i, error))
      return false;
  }
  return true;
}

/* The level-of-care table, what care is like, and the interview. */
static bool load_care(struct web_application *application, struct error *error)
{
  struct arena *arena = application->arena;
  const char *knowledge = file_join(arena, application->share_folder, "knowledge");
  const struct needs *needs = directory_needs(application->directory);
  return level_of_care_load(&application->care, knowledge, needs, error) &&
         care_settings_load(&application->settings, knowledge, application->care, error) &&
         interview_load(&application->interview, knowledge, application->care,
                        application->pages->instruments, error);
}

static bool load(struct web_application *application, struct error *error)
{
  const char *locale = file_join(application->arena, application->share_folder, "locale");
  if (!catalog_load(&application->catalog, locale, error) || !load_languages(application, error) ||
      !web_assets_load(&application->static_files, application->share_folder, error))
    return false;
  if (application->directory &&
      (!web_pages_load(&application->pages, application->share_folder,
                       directory_needs(application->directory), error) ||
       !seal_key_load(&application->key,
                      file_join(application->arena, application->data_folder, "seal.key"), error)))
    return false;
  if (application->directory && !load_care(application, error)) return false;
  application->assets = web_assets_addresses(application->static_files);
  return true;
}

bool web_application_open(struct web_application **out, const char *share_folder,
                          const char *data_folder, struct store *store, struct directory *directory,
                          struct error *error)
{
  struct web_application *application = memory_allocate_zero(1, sizeof *application);
  application->arena = arena_new(LIMIT_ARENA_REQUEST);
  application->share_folder = text_c(application->arena, text_from(share_folder));
  application->data_folder = text_c(application->arena, text_from(data_folder));
  application->store = store;
  application->care_options = arena_allocate(application->arena, sizeof *application->care_options);
  application->directory = directory;
  application->brake = web_brake_new();
  if (!load(application, error)) {
    web_application_close(application);
    return false;
  }
  *out = application;
  return true;
}

void web_application_require_signatures(struct web_application *application, bool yes)
{
  application->care_options->require_signatures = yes;
}

void web_application_take_intakes(struct web_application *application, struct intakes *intakes)
{
  const struct web_pages *pages = application->pages;
  intakes_assess_with(intakes, pages ? pages->instruments : NULL, application->care,
                      application->care_options);
  application->intakes = intakes;
}

void web_application_close(struct web_application *application)
{
  if (!application) return;
  seal_key_free(application->key);
  interview_free(application->interview);
  web_pages_free(application->pages);
  care_settings_free(application->settings);
  level_of_care_free(application->care);
  web_assets_free(application->static_files);
  web_brake_free(application->brake);
  for (size_t i = 0; i < WEB_LANGUAGES; i++) template_set_free(application->templates[i]);
  catalog_free(application->catalog);
  arena_free(application->arena);
  free(application);
}
