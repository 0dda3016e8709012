// What MongoDB's own driver reaches without Jenner: 16 at once, each one command.
import { performance } from 'node:perf_hooks';
import { MongoClient } from 'mongodb';

/** The least share of the rate of the driver's `findOne` that is wanted of each phase. */
const goals = { read: 0.7, 'search by patient': 0.5 };

/** Prints what the driver reaches; answers what is to be said of a rate of Jenner's beside it. */
export async function driverLimit(url, { seconds, idOf }) {
  const client = await MongoClient.connect(url);
  try {
    const resources = client.db().collection('resource');
    const patient = () => `Patient/${idOf()}`;
    const ping = await rateOf(seconds, () => client.db().command({ ping: 1 }));
    const one = await rateOf(seconds, () => resources.findOne({ _id: patient() }));
    const doses = await rateOf(seconds, () =>
      resources.find({ patients: patient(), type: 'Immunization' }).toArray(),
    );
    console.log(`  the driver, 16 at once: ping ${ping}/s, findOne ${one}/s, find of one's doses ${doses}/s`);
    return (name, rate) => {
      const goal = goals[name];
      if (goal === undefined) return undefined;
      const ofDoses =
        name === 'search by patient' ? `; of its find of the doses ${(rate / doses).toFixed(2)}` : '';
      return `of the driver's findOne ${(rate / one).toFixed(2)} (goal ${goal})${ofDoses}`;
    };
  } finally {
    await client.close();
  }
}

async function rateOf(seconds, ask) {
  const until = performance.now() + seconds * 1000;
  let done = 0;
  const worker = async () => {
    while (performance.now() < until) {
      await ask();
      done++;
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  return Math.round(done / seconds);
}
