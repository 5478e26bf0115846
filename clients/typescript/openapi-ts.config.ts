import { defineConfig } from '@hey-api/openapi-ts';

export default defineConfig({
  input: '../../openapi/editorial.yaml',
  output: { path: 'src', module: { extension: '.js' } },
  plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
});
