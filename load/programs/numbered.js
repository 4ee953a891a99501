// Each version carries its number in head and body; the scenario writes it in.
const number = 'NUMBER';

export default {
  fetch() {
    return new Response(`${number};`.repeat(100), { headers: { 'x-number': number } });
  },
};
