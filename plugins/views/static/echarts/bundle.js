// What echarts.min.js is made of: the parts of Apache ECharts 6.1.0 that the plots need. To make it
// anew, in an empty folder with this file in it:
//   npm install echarts@6.1.0 esbuild@0.28.2
//   npx esbuild bundle.js --bundle --minify --format=esm --target=es2022 --legal-comments=none --outfile=echarts.min.js
import { LineChart } from "echarts/charts";
import { GridComponent, LegendScrollComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([CanvasRenderer, GridComponent, LegendScrollComponent, LineChart, TooltipComponent]);
export { init };
