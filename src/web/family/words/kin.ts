import type { Designated } from '../../shared/designations.ts';

const system = 'http://terminology.hl7.org/CodeSystem/v3-RoleCode';

const relative = (code: string, name: string, words: string): Designated => ({ system, code, names: [name], words });

/** Kinships by HL7's codes, which have no designations in other languages, and names without a code that the server gives (src/care/plan/keep-team.ts). */
export const kin: Readonly<Record<'es', readonly Designated[]>> = {
  es: [
    relative('MTH', 'mother', 'madre'),
    relative('NMTH', 'natural mother', 'madre biológica'),
    relative('FTH', 'father', 'padre'),
    relative('NFTH', 'natural father', 'padre biológico'),
    relative('PRN', 'parent', 'madre o padre'),
    relative('MTHFOST', 'foster mother', 'madre de acogida'),
    relative('FTHFOST', 'foster father', 'padre de acogida'),
    relative('PRNFOST', 'foster parent', 'madre o padre de acogida'),
    relative('STPMTH', 'stepmother', 'madrastra'),
    relative('STPFTH', 'stepfather', 'padrastro'),
    relative('GRMTH', 'grandmother', 'abuela'),
    relative('GRFTH', 'grandfather', 'abuelo'),
    relative('GRPRN', 'grandparent', 'abuela o abuelo'),
    relative('AUNT', 'aunt', 'tía'),
    relative('UNCLE', 'uncle', 'tío'),
    relative('SIS', 'sister', 'hermana'),
    relative('BRO', 'brother', 'hermano'),
    relative('GUARD', 'guardian', 'tutora o tutor legal'),
    { system: '', code: 'caseworker', names: ['caseworker'], words: 'trabajadora o trabajador de casos' },
    { system: '', code: 'plan-maker', names: ['Made a hospital plan'], words: 'Hizo un plan del hospital' },
    { system: '', code: 'hospital-team', names: ['Hospital care team'], words: 'Equipo de cuidado del hospital' },
  ],
};
