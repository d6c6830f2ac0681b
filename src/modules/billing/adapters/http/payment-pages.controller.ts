import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { Public } from '../../../../shared/http/caller';

const HTML = 'text/html; charset=utf-8';
const PAGE = { description: 'A page for people', schema: { type: 'string' } };

/** Where the payment page leads back to when nobody has named another place. They change nothing and show no data. */
@ApiTags('Billing')
@Controller('payments')
@Public()
export class PaymentPagesController {
  @Get('succeeded')
  @Header('content-type', HTML)
  @ApiProduces('text/html')
  @ApiOperation({ summary: 'Thanks a user who has paid' })
  @ApiOkResponse(PAGE)
  showSucceeded(): string {
    return page('Thank you', 'Your plan begins as soon as the payment is in. You may close this page.');
  }

  @Get('canceled')
  @Header('content-type', HTML)
  @ApiProduces('text/html')
  @ApiOperation({ summary: 'Receives a user who turned back' })
  @ApiOkResponse(PAGE)
  showCanceled(): string {
    return page('Nothing was bought', 'You have not been charged. You may close this page.');
  }
}

function page(title: string, text: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title></head>
<body><main><h1>${title}</h1><p>${text}</p></main></body>
</html>
`;
}
