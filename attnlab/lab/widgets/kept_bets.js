// The bets of this reader on this course, kept by the browser and nowhere else; where it keeps nothing, each page
// begins anew.

const PLACE = "attnlab-bets";

// By claim: {given, sure}, and once the verdict was read {…, right}.
export function keptBets() {
  try {
    return JSON.parse(localStorage.getItem(PLACE)) ?? {};
  } catch {
    return {};
  }
}

export function keepBet(claim, bet) {
  try {
    localStorage.setItem(PLACE, JSON.stringify({...keptBets(), [claim]: bet}));
  } catch {
    // nothing is kept, and nothing is said
  }
}

// How often who was so sure was right, of the bets whose verdict was read; a first one says nothing yet.
export function calibration(bets, sure) {
  const alike = Object.values(bets).filter((bet) => bet.sure === sure && "right" in bet);
  if (alike.length < 2) return "";
  const right = alike.filter((bet) => bet.right).length;
  const was = right === 1 ? "was" : "were";
  return `Of ${alike.length} bets made at ${sure} %, ${right || "none"} ${was} right.`;
}
