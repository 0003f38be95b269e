/** Types that say where a child is or will be: not for whom a court, or an address that must stay safe, keeps away. */
export const placeTypes: ReadonlySet<string> = new Set([
  'Appointment',
  'AppointmentResponse',
  'CareTeam',
  'EpisodeOfCare',
  'HealthcareService',
  'Location',
  'Organization',
  'PractitionerRole',
  'Schedule',
  'Slot',
]);
