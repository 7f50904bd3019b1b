/** The software Vulkan driver that Debian's chromium brings: WebGPU without a GPU, for correctness only. */
import { existsSync } from 'node:fs';
import path from 'node:path';

/** Environment that makes the Vulkan loader use Chromium's SwiftShader; null where Chromium's files are not found. */
export function softwareVulkan(): Record<string, string> | null {
  for (const directory of ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome']) {
    const manifest = path.join(directory, 'vk_swiftshader_icd.json');
    if (!existsSync(manifest) || !existsSync(path.join(directory, 'libvulkan.so.1'))) continue;
    // Chromium brings the loader as well, which is not a system library on machines without a graphics driver.
    return { VK_ICD_FILENAMES: manifest, VK_DRIVER_FILES: manifest, LD_LIBRARY_PATH: directory };
  }
  return null;
}
