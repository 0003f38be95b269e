import type { ReasonCode } from './triggers.ts';

/** Every word of ours on an emergency plan, by language: what people and hospitals wrote stands as they wrote it. */
export interface Words {
  language: 'en' | 'es';
  title: string;
  asOf: string;
  born: string;
  age: (years: number, months: number, days: number) => string;
  sex: Readonly<Record<string, string>>;
  weight: string;
  speaks: string;
  interpreter: string;
  inForce: string;
  checkAgain: string;
  checked: string;
  checkedBy: string;
  nextCheck: string;
  missing: { 'device-failure': (device: string) => string; 'power-failure': (device: string) => string };
  reasons: Readonly<Record<ReasonCode, string>>;
  sections: Readonly<Record<SectionCode, string>>;
  scenarios: Readonly<Record<string, string>>;
  zones: Readonly<Record<'green' | 'yellow' | 'red', string>>;
  /** Labels within a line. */
  labels: Readonly<Record<LabelCode, string>>;
  kinds: Readonly<Record<string, string>>;
  /** Sunday first. */
  days: readonly string[];
  always: string;
  notRecorded: string;
  notWhole: string;
  continues: string;
  continued: string;
  page: (page: number, of: number) => string;
  unprintable: string;
  photo: string;
  link: (until: string, hasPasscode: boolean) => string;
}

export type SectionCode =
  | 'avoid'
  | 'limits'
  | 'devices'
  | 'scenarios'
  | 'rescue'
  | 'disaster'
  | 'call'
  | 'baseline'
  | 'medications'
  | 'problems'
  | 'procedures'
  | 'zones'
  | 'people'
  | 'immunizations'
  | 'review';

type LabelCode =
  | 'allergy'
  | 'allergyNone'
  | 'reaction'
  | 'never'
  | 'caution'
  | 'because'
  | 'instead'
  | 'when'
  | 'family'
  | 'call'
  | 'emergencyDepartment'
  | 'proposedBy'
  | 'theirWords'
  | 'serial'
  | 'since'
  | 'vendor'
  | 'size'
  | 'setting'
  | 'spare'
  | 'date-changed'
  | 'rescue'
  | 'stress-dose'
  | 'prophylaxis'
  | 'lead'
  | 'primaryCare'
  | 'consentToTreat'
  | 'signed';

const count = (value: number, one: string, many: string) => `${value} ${value === 1 ? one : many}`;

export const english: Words = {
  language: 'en',
  title: 'Emergency plan',
  asOf: 'As of',
  born: 'born',
  age: (years, months, days) =>
    years >= 2
      ? count(years, 'year', 'years')
      : months >= 1
        ? count(months, 'month', 'months')
        : count(days, 'day', 'days'),
  sex: { male: 'male', female: 'female', other: 'other', unknown: 'sex not known' },
  weight: 'Weight',
  speaks: 'Language',
  interpreter: 'needs an interpreter',
  inForce: 'Checked',
  checkAgain: 'TO BE CHECKED AGAIN',
  checked: 'Last checked',
  checkedBy: 'by',
  nextCheck: 'next check',
  missing: {
    'device-failure': (device) => `It does not say what to do when this fails: ${device}`,
    'power-failure': (device) => `It does not say what to do in a power failure with: ${device}`,
  },
  reasons: {
    admission: 'admitted or in an emergency department since',
    device: 'a device was added, changed or taken away',
    drug: 'new drug',
    weight: 'weight changed by more than a tenth',
    'infant-month': 'a month is over',
    'six-months': 'six months are over',
    'planned-review': 'the planned day has come',
  },
  sections: {
    avoid: 'Never, take care, allergies',
    limits: 'Treatment limits',
    devices: 'Devices',
    scenarios: 'If this happens',
    rescue: 'Rescue drugs and stress doses',
    disaster: 'Power, water, evacuation',
    call: 'Whom to call',
    baseline: 'When well (baseline)',
    medications: 'Medicines',
    problems: 'Problems',
    procedures: 'Operations and procedures',
    zones: 'What the family does, by zone',
    people: 'Family and team',
    immunizations: 'Immunizations',
    review: 'Checked and signed',
  },
  scenarios: {
    'device-failure': 'Device fails or comes out',
    'power-failure': 'Power failure',
    'water-failure': 'No water',
    evacuation: 'Evacuation',
    breathing: 'Trouble breathing',
    seizure: 'Seizure',
    'fever-infection': 'Fever or infection',
    'metabolic-crisis': 'Metabolic crisis',
    'adrenal-crisis': 'Adrenal crisis',
    heart: 'Heart',
    bleeding: 'Bleeding',
    pain: 'Pain',
    behavior: 'Behavior',
    other: 'Other',
  },
  zones: { green: 'GREEN', yellow: 'YELLOW', red: 'RED' },
  labels: {
    allergy: 'Allergy',
    allergyNone: 'No known allergy',
    reaction: 'reaction',
    never: 'NEVER',
    caution: 'TAKE CARE',
    because: 'because',
    instead: 'instead',
    when: 'When',
    family: 'Family',
    call: 'Call',
    emergencyDepartment: 'Emergency department',
    proposedBy: 'proposed by the family',
    theirWords: 'In their words',
    serial: 'serial no.',
    since: 'since',
    vendor: 'Supplier',
    size: 'size',
    setting: 'setting',
    spare: 'spare',
    'date-changed': 'changed',
    rescue: 'RESCUE',
    'stress-dose': 'STRESS DOSE',
    prophylaxis: 'prophylaxis',
    lead: 'lead coordinator',
    primaryCare: 'primary care',
    consentToTreat: 'Consent to treat is on file',
    signed: 'Written by',
  },
  kinds: {
    clinic: 'clinic',
    'on-call': 'on call',
    'home-nursing': 'home nursing',
    supplier: 'equipment supplier',
    pharmacy: 'pharmacy',
    'emergency-department': 'preferred emergency department',
    'emergency-services': 'emergency services',
  },
  days: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'],
  always: 'day and night',
  notRecorded: 'Nothing is recorded here for',
  notWhole: 'This shows what its reader may be told; the record may hold more.',
  continues: 'CONTINUES ON THE NEXT PAGE',
  continued: 'continued',
  page: (page, of) => `Page ${page} of ${of}`,
  unprintable: 'Some letters cannot be printed here (□): read the plan on a screen too.',
  photo: 'Photo of the child',
  link: (until, hasPasscode) =>
    `This plan as it is today, by phone: scan the code until ${until}${hasPasscode ? '; it asks for the passcode' : ''}.`,
};

const spanish: Words = {
  language: 'es',
  title: 'Plan de emergencia',
  asOf: 'Datos al',
  born: 'fecha de nacimiento',
  age: (years, months, days) =>
    years >= 2 ? count(years, 'año', 'años') : months >= 1 ? count(months, 'mes', 'meses') : count(days, 'día', 'días'),
  sex: { male: 'masculino', female: 'femenino', other: 'otro', unknown: 'sexo desconocido' },
  weight: 'Peso',
  speaks: 'Idioma',
  interpreter: 'necesita intérprete',
  inForce: 'Revisado',
  checkAgain: 'HAY QUE REVISARLO DE NUEVO',
  checked: 'Última revisión',
  checkedBy: 'por',
  nextCheck: 'próxima revisión',
  missing: {
    'device-failure': (device) => `No dice qué hacer cuando falla: ${device}`,
    'power-failure': (device) => `No dice qué hacer en un apagón con: ${device}`,
  },
  reasons: {
    admission: 'ingresó en el hospital o fue a urgencias desde entonces',
    device: 'se agregó, cambió o quitó un dispositivo',
    drug: 'medicamento nuevo',
    weight: 'el peso cambió más de una décima parte',
    'infant-month': 'pasó un mes',
    'six-months': 'pasaron seis meses',
    'planned-review': 'llegó el día previsto',
  },
  sections: {
    avoid: 'Nunca, cuidado, alergias',
    limits: 'Límites del tratamiento',
    devices: 'Dispositivos',
    scenarios: 'Si esto sucede',
    rescue: 'Medicamentos de rescate y dosis de estrés',
    disaster: 'Luz, agua, evacuación',
    call: 'A quién llamar',
    baseline: 'Cuando está bien (estado basal)',
    medications: 'Medicamentos',
    problems: 'Diagnósticos',
    procedures: 'Operaciones y procedimientos',
    zones: 'Qué hace la familia, por zona',
    people: 'Familia y equipo',
    immunizations: 'Vacunas',
    review: 'Revisión y firma',
  },
  scenarios: {
    'device-failure': 'El dispositivo falla o se sale',
    'power-failure': 'Apagón',
    'water-failure': 'Falta de agua',
    evacuation: 'Evacuación',
    breathing: 'Dificultad para respirar',
    seizure: 'Convulsión',
    'fever-infection': 'Fiebre o infección',
    'metabolic-crisis': 'Crisis metabólica',
    'adrenal-crisis': 'Crisis suprarrenal',
    heart: 'Corazón',
    bleeding: 'Sangrado',
    pain: 'Dolor',
    behavior: 'Conducta',
    other: 'Otro',
  },
  zones: { green: 'VERDE', yellow: 'AMARILLO', red: 'ROJO' },
  labels: {
    allergy: 'Alergia',
    allergyNone: 'Sin alergias conocidas',
    reaction: 'reacción',
    never: 'NUNCA',
    caution: 'CUIDADO',
    because: 'porque',
    instead: 'en su lugar',
    when: 'Cuando',
    family: 'Familia',
    call: 'Llamar',
    emergencyDepartment: 'Urgencias',
    proposedBy: 'propuesto por la familia',
    theirWords: 'En sus palabras',
    serial: 'n.º de serie',
    since: 'desde',
    vendor: 'Proveedor',
    size: 'tamaño',
    setting: 'ajuste',
    spare: 'repuesto',
    'date-changed': 'cambiado',
    rescue: 'RESCATE',
    'stress-dose': 'DOSIS DE ESTRÉS',
    prophylaxis: 'profilaxis',
    lead: 'coordinación principal',
    primaryCare: 'atención primaria',
    consentToTreat: 'Hay consentimiento para tratar',
    signed: 'Escrito por',
  },
  kinds: {
    clinic: 'clínica',
    'on-call': 'de guardia',
    'home-nursing': 'enfermería en casa',
    supplier: 'proveedor de equipo',
    pharmacy: 'farmacia',
    'emergency-department': 'urgencias preferidas',
    'emergency-services': 'servicios de emergencia',
  },
  days: ['dom', 'lun', 'mar', 'mié', 'jue', 'vie', 'sáb'],
  always: 'día y noche',
  notRecorded: 'No hay nada registrado sobre',
  notWhole: 'Muestra lo que puede saber quien lo lee; el expediente puede contener más.',
  continues: 'CONTINÚA EN LA PÁGINA SIGUIENTE',
  continued: 'continuación',
  page: (page, of) => `Página ${page} de ${of}`,
  unprintable: 'Algunas letras no se pueden imprimir aquí (□): lea el plan también en pantalla.',
  photo: 'Foto del niño o la niña',
  link: (until, hasPasscode) =>
    `Este plan, al día, en el teléfono: escanee el código hasta el ${until}${hasPasscode ? '; pide la contraseña' : ''}.`,
};

const byLanguage: ReadonlyMap<string, Words> = new Map([
  ['en', english],
  ['es', spanish],
]);

/** The languages in which our words are written. */
export const languages: readonly string[] = [...byLanguage.keys()];

/** Our words in a language, by its first subtag (`es-MX` is `es`); undefined where we have none. */
export function wordsIn(language: string): Words | undefined {
  return byLanguage.get(language.toLowerCase().split('-')[0] ?? '');
}
