import type { Request, Response } from 'express';
import type { Hospital } from '../hospital.ts';
import { html } from './html.ts';
import { sendPage } from './page.ts';
import { signInForm } from './sign-in.ts';
import { ageText, dateText, personName } from './words.ts';

/** The first page of a hospital: its patients by name. */
export async function patientList(hospital: Hospital, request: Request, response: Response): Promise<void> {
  const found = await hospital.chart.search('Patient', new URLSearchParams());
  const rows: { name: string; id: string; birthDate: string; age: string }[] = [];
  for (const id of 'ids' in found ? found.ids : []) {
    const { resource } = await hospital.chart.read('Patient', id);
    if (!resource) continue;
    const { birthDate } = resource;
    rows.push({
      name: personName(resource),
      id,
      birthDate: dateText(birthDate),
      age: ageText(birthDate, hospital.clock.now()),
    });
  }
  rows.sort((a, b) => a.name.localeCompare(b.name));
  const body =
    rows.length === 0
      ? html`<p>This hospital has no patients. Start the sandbox with <code>--bundles</code> and a folder of FHIR bundles.</p>`
      : html`<table><caption class="quiet">${rows.length} patients</caption>
<thead><tr><th scope="col">Name</th><th scope="col">Born</th><th scope="col">Age</th></tr></thead>
<tbody>${rows.map(
          (row) =>
            html`<tr><td><a href="/ehr/${hospital.id}/patients/${row.id}">${row.name}</a></td><td>${row.birthDate}</td><td>${row.age}</td></tr>`,
        )}</tbody></table>`;
  sendPage(response, 200, { hospital, title: 'Patients', body, signIn: await signInForm(hospital, request) });
}
