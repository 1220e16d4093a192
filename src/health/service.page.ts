import type { ServiceResponse } from './health.response.dto';

/** A terminal with a prompt. */
export const SERVICE_ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#1f4e79"/>' +
  '<path d="M4 5l3 3-3 3M8.5 11.5H12" fill="none" stroke="#fff" stroke-width="1.6"/></svg>';

/** The start page for a browser. The Content-Security-Policy allows its style element; it has no script. */
export function renderServicePage(service: ServiceResponse): string {
  const links: readonly (readonly [url: string, text: string, description: string])[] = [
    [service.docs, 'API documentation', 'Every endpoint with examples; requests can be sent from the page.'],
    [service.openapi, 'OpenAPI document', 'For client generators and other tools.'],
    [service.health, 'Health', 'The state of the storage and of the engine.'],
    [service.problems, 'Problems', 'Every error code with its status and what to do about it.'],
  ];
  const items = links.map(
    ([url, text, description]) =>
      `<li><a href="${escapeHtml(url)}">${text}</a><br><span>${description}</span></li>`,
  );
  const uploadUrl = service.docs.replace(/docs$/, 'api/upload');
  const body = JSON.stringify({ language: 'python', code: 'print("hello")', execute: true });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Service Server</title>
<link rel="icon" type="image/svg+xml" href="favicon.ico">
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem; }
h1 { margin-bottom: 0; }
ul { padding: 0; list-style: none; }
li { margin: 0.75rem 0; }
span, .version { opacity: 0.75; }
pre { padding: 0.75rem; overflow-x: auto; border: 1px solid #8886; border-radius: 4px; }
</style>
</head>
<body>
<h1>Service Server</h1>
<p class="version">${escapeHtml(service.version)}, ${escapeHtml(service.environment)}</p>
<p>Runs uploaded code in a sandbox and returns its output and resource usage.</p>
<ul>
${items.join('\n')}
</ul>
<p>Run a program:</p>
<pre>curl -s ${escapeHtml(uploadUrl)} \\
  -H 'Content-Type: application/json' \\
  -d '${escapeHtml(body)}'</pre>
</body>
</html>
`;
}

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0).toString()};`);
