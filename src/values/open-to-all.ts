/** Headers of what a page of any site may read: nothing is told there that is not told to everybody (Fetch, CORS protocol). */
export const openToAll = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, OPTIONS',
  'access-control-allow-headers': 'accept, content-type',
  'cache-control': 'public, max-age=300',
} as const;
