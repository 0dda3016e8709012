import { listOf, type NonEmpty, type Weighted } from './random.ts';

export type Race = 'native' | 'asian' | 'black' | 'white' | 'other';
export type Language = 'en' | 'es' | 'pt' | 'zh' | 'vi' | 'ht' | 'km' | 'ar' | 'hi' | 'ru';

/** Names and languages that go together. Lists run from the commonest to the rarest. */
export type Heritage = {
  readonly races: NonEmpty<Race>;
  readonly hispanic: boolean;
  readonly languages: Weighted<Language>;
  readonly surnames: NonEmpty<string>;
  /** How often the surname is composed instead of taken from the list: the long tail of rare names. */
  readonly rareSurnames: number;
  /** Absent: the names of the person's generation. */
  readonly female?: NonEmpty<string>;
  readonly male?: NonEmpty<string>;
};

const english: Weighted<Language> = [[1, 'en']];

const general: Heritage = {
  races: ['white'],
  hispanic: false,
  languages: [
    [97, 'en'],
    [2, 'ru'],
    [1, 'ar'],
  ],
  surnames: listOf(
    'Smith, Sullivan, Johnson, Murphy, Brown, Williams, Jones, Miller, Davis, Martin, Anderson, Kelly, White, Wilson, Moore, Clark, Ryan, Taylor, Thompson, Walsh, Hall, Campbell, King, Roy, Lynch, McCarthy, Roberts, Allen, Wright, Collins, O’Brien, Burke, Baker, Scott, Young, Lewis, Connolly, Hill, Adams, Murray, Doherty, Green, Fitzgerald, Robinson, Gallagher, Russo, Cote, LeBlanc, Rossi, Bouchard, Harris, Nelson, Mitchell, Parker, Evans, Morris, Rogers, Cook, Reed, Bailey, Cooper, Ward, Foley, Kennedy, Quinn, Pelletier, Gagnon, Kowalski, Nowak, Cohen, Levine, Goldberg, Marino, DeLuca, Esposito, Romano, Bianchi, Hughes, Flynn, Donovan, Healy, Brennan, Daly, Keane, Nolan, MacDonald, MacLeod, Fraser, Stewart, Shaw, Hayes, Peters, Weber, Fischer, Schmidt, Larsen, Hansen, Papadopoulos, Georgiou, Petrov, Ivanov, Kaplan, Stone, Webb, Hawkins, Thayer, Alden, Winslow, Bradford, Brewster, Coffin, Starbuck, Macy, Wing, Nye',
  ),
  rareSurnames: 0.3,
};

const black: Heritage = {
  races: ['black'],
  hispanic: false,
  languages: english,
  surnames: listOf(
    'Williams, Johnson, Jackson, Brown, Davis, Robinson, Harris, Thomas, Lewis, Washington, Walker, Carter, Green, Scott, Coleman, Jenkins, Simmons, Gomes, Andrade, Mensah, Okafor, Adeyemi, Owusu, Boateng, Diallo, Traore, Bekele, Tesfaye, Baptiste, Grant, Bennett, Freeman, Banks, Booker, Hinton, Gaines',
  ),
  rareSurnames: 0.2,
};

const hispanic: Heritage = {
  races: ['white', 'other', 'white', 'black'],
  hispanic: true,
  languages: [
    [55, 'es'],
    [45, 'en'],
  ],
  surnames: listOf(
    'Rodríguez, Rivera, Santiago, Ortiz, Martínez, Pérez, García, González, López, Hernández, Díaz, Torres, Ramos, Cruz, Reyes, Colón, Vega, Morales, Sánchez, Ramírez, Vásquez, Castillo, Núñez, Peña, Guzmán, Mejía, Polanco, Rosario, De la Cruz, Del Valle, Figueroa, Maldonado, Medina, Méndez, Ayala, Acevedo, Burgos, Cabrera, Feliciano, Quiñones, Zavala, Orellana, Alvarenga, Escobar',
  ),
  rareSurnames: 0,
  female: listOf(
    'María, Carmen, Ana, Sofía, Isabella, Camila, Valentina, Gabriela, Daniela, Rosa, Luz, Mariana, Lucía, Elena, Yesenia, Altagracia, Paola, Andrea, Natalia, Ximena',
  ),
  male: listOf(
    'José, Luis, Juan, Carlos, Miguel, Ángel, Rafael, Jorge, Pedro, Daniel, Mateo, Santiago, Sebastián, Diego, Alejandro, Ramón, Héctor, Andrés, Julio, Iván',
  ),
};

const portuguese: Heritage = {
  races: ['white', 'white', 'other', 'black'],
  hispanic: false,
  languages: [
    [60, 'pt'],
    [40, 'en'],
  ],
  surnames: listOf(
    'Silva, Santos, Oliveira, Souza, Pereira, Costa, Ferreira, Medeiros, Sousa, Almeida, Rodrigues, Lima, Gomes, Ribeiro, Carvalho, Araújo, Barbosa, Teixeira, Furtado, Cabral, Tavares, Pacheco, Rego, Arruda, Raposo, da Silva, dos Santos, de Souza, Gonçalves, Correia, Moniz, Bettencourt',
  ),
  rareSurnames: 0,
  female: listOf(
    'Maria, Ana, Beatriz, Júlia, Larissa, Fernanda, Juliana, Mariana, Letícia, Helena, Conceição, Fátima, Inês, Luana, Manuela, Alice',
  ),
  male: listOf(
    'João, José, Pedro, Lucas, Gabriel, Rafael, Matheus, Manuel, António, Paulo, Bruno, Thiago, Davi, Miguel, Vinícius, Joaquim',
  ),
};

const chinese: Heritage = {
  races: ['asian'],
  hispanic: false,
  languages: [
    [50, 'zh'],
    [50, 'en'],
  ],
  surnames: listOf(
    'Chen, Wang, Li, Zhang, Liu, Huang, Lin, Wong, Lee, Wu, Yang, Zhao, Zhou, Chan, Xu, Sun, Ma, Zhu, Lam, Guo, He, Gao, Tang, Feng, Mei, Ng, Cheung, Leung, Yee, Chin',
  ),
  rareSurnames: 0,
  female: listOf(
    'Emily, Grace, Mei, Li Na, Xiu Ying, Jing, Yan, Amy, Hui, Jessica, Fang, Vivian, Ling, Mei-Ling',
  ),
  male: listOf('Kevin, Wei, David, Jun, Ming, Jason, Hao, Eric, Jian, Andrew, Lei, Kai, Feng, Tao'),
};

const vietnamese: Heritage = {
  races: ['asian'],
  hispanic: false,
  languages: [
    [55, 'vi'],
    [45, 'en'],
  ],
  surnames: listOf('Nguyen, Tran, Le, Pham, Hoang, Phan, Vu, Vo, Dang, Bui, Do, Ho, Ngo, Duong, Ly'),
  rareSurnames: 0,
  female: listOf('Linh, Lan, Mai, Thu, Huong, Thi Hoa, Ngoc, Anh, Trang, Kim, Phuong, Vy'),
  male: listOf('Minh, Tuan, Hung, Duc, Van Nam, Long, Khoa, Quang, Huy, Thanh, Bao, Andy'),
};

const haitian: Heritage = {
  races: ['black'],
  hispanic: false,
  languages: [
    [50, 'ht'],
    [50, 'en'],
  ],
  surnames: listOf(
    'Jean, Pierre, Joseph, Louis, Charles, Jean-Baptiste, Saint-Louis, Paul, François, Étienne, Michel, Antoine, Désir, Toussaint, Jean-Louis, Augustin, Célestin, Exantus, Dorvil, Fleurimond',
  ),
  rareSurnames: 0,
  female: listOf('Marie, Rose, Nadège, Widline, Guerda, Esther, Mirlande, Naomie, Fabiola, Régine'),
  male: listOf('Jean, Wilner, Emmanuel, Frantz, Jude, Ricardo, Stanley, Évens, Réginald, Samuel'),
};

const southAsian: Heritage = {
  races: ['asian'],
  hispanic: false,
  languages: [
    [25, 'hi'],
    [75, 'en'],
  ],
  surnames: listOf(
    'Patel, Shah, Singh, Kumar, Sharma, Gupta, Rao, Reddy, Khan, Iyer, Nair, Desai, Mehta, Joshi, Banerjee, Chatterjee, Krishnamurthy, Subramanian, Venkataraman, Ahmed',
  ),
  rareSurnames: 0,
  female: listOf('Priya, Anjali, Ananya, Kavya, Diya, Sunita, Lakshmi, Meera, Asha, Isha, Nisha, Aisha'),
  male: listOf('Raj, Arjun, Rohan, Amit, Sanjay, Vikram, Aarav, Rahul, Anil, Suresh, Imran, Vihaan'),
};

const cambodian: Heritage = {
  races: ['asian'],
  hispanic: false,
  languages: [
    [50, 'km'],
    [50, 'en'],
  ],
  surnames: listOf('Sok, Chea, Kim, Chhim, Keo, Som, Prak, Meas, Ouk, Sar, Touch, Seng, Heng, Long, Mao'),
  rareSurnames: 0,
  female: listOf('Sophea, Bopha, Channary, Sreymom, Kunthea, Maly, Rachana, Sokha, Jennifer, Kanha'),
  male: listOf('Sopheap, Dara, Rithy, Vannak, Samnang, Bora, Sokhom, Tony, Chan, Veasna'),
};

const arabic: Heritage = {
  races: ['white'],
  hispanic: false,
  languages: [
    [50, 'ar'],
    [50, 'en'],
  ],
  surnames: listOf(
    'Haddad, Khoury, Al-Masri, Hassan, Ibrahim, Nasser, Saleh, Al-Hakim, Mansour, Saba, Abu Bakr, Darwish',
  ),
  rareSurnames: 0,
  female: listOf('Fatima, Layla, Mariam, Nour, Zainab, Rania, Huda, Yasmin'),
  male: listOf('Mohammed, Ahmad, Omar, Ali, Yousef, Khalid, Karim, Sami'),
};

const native: Heritage = {
  races: ['native'],
  hispanic: false,
  languages: english,
  surnames: listOf(
    'Peters, Hendricks, Mills, Vanderhoop, Attaquin, Pocknett, Jeffers, Cuffee, Simon, Tobias',
  ),
  rareSurnames: 0.2,
};

/** Shares roughly as in Massachusetts. */
export const heritages: Weighted<Heritage> = [
  [640, general],
  [65, black],
  [125, hispanic],
  [60, portuguese],
  [25, chinese],
  [10, vietnamese],
  [20, haitian],
  [25, southAsian],
  [8, cambodian],
  [12, arabic],
  [5, native],
];

/** By year of birth: names of a generation, commonest first. */
export const generations: NonEmpty<{
  readonly bornBefore: number;
  readonly female: NonEmpty<string>;
  readonly male: NonEmpty<string>;
}> = [
  {
    bornBefore: 1950,
    female: listOf(
      'Mary, Barbara, Patricia, Dorothy, Margaret, Helen, Ruth, Virginia, Jean, Frances, Nancy, Joan, Shirley, Eleanor, Alice, Carol, Lorraine, Rita, Marjorie, Claire, Evelyn, Florence, Irene, Theresa, Gertrude',
    ),
    male: listOf(
      'John, Robert, William, James, Richard, Joseph, George, Edward, Charles, Thomas, Francis, Donald, Paul, Arthur, Raymond, Walter, Frederick, Harold, Ralph, Albert, Norman, Stanley, Leo, Ernest, Warren',
    ),
  },
  {
    bornBefore: 1985,
    female: listOf(
      'Susan, Linda, Karen, Lisa, Jennifer, Michelle, Kathleen, Deborah, Donna, Maureen, Kimberly, Christine, Amy, Melissa, Heather, Laura, Elizabeth, Julie, Kelly, Sandra, Cynthia, Diane, Nicole, Stephanie, Tracy, Rebecca, Andrea, Sharon, Paula, Erin, Denise, Jill, Beth, Robin, Wendy, Tara, Monica, Kristen',
    ),
    male: listOf(
      'Michael, David, John, Robert, James, Mark, William, Richard, Steven, Thomas, Kevin, Brian, Paul, Christopher, Daniel, Jeffrey, Scott, Timothy, Stephen, Peter, Gary, Eric, Sean, Matthew, Gregory, Kenneth, Patrick, Jason, Dennis, Andrew, Craig, Keith, Douglas, Brendan, Neil, Glenn, Derek, Todd',
    ),
  },
  {
    bornBefore: 9999,
    female: listOf(
      'Olivia, Emma, Charlotte, Sophia, Ava, Amelia, Isabella, Mia, Emily, Abigail, Hannah, Samantha, Ashley, Sarah, Madison, Grace, Ella, Nora, Lily, Chloe, Zoe, Evelyn, Harper, Claire, Julia, Maeve, Lucy, Hazel, Violet, Penelope, Aria, Layla, Naomi, Ruby, Sadie, Quinn, Fiona, Juniper, Wren, Imani, Nia, Aaliyah, Kennedy, Brooke',
    ),
    male: listOf(
      'Noah, Liam, Oliver, Benjamin, Henry, Theodore, James, Lucas, William, Jack, Ethan, Jacob, Ryan, Nicholas, Tyler, Matthew, Alexander, Owen, Logan, Samuel, Levi, Leo, Isaac, Caleb, Nathan, Connor, Declan, Finn, Miles, Jayden, Isaiah, Elijah, Malachi, Xavier, Hudson, Wyatt, Ezra, Silas, Felix, August, Jaylen, Darius, Malik, Dominic',
    ),
  },
];

const surnameStarts = listOf(
  'Ash, Birch, Black, Brad, Bram, Brook, Burn, Cald, Carl, Chad, Clif, Cran, Dal, Darn, Den, East, Ed, Elling, Fair, Farn, Garth, Glen, Gran, Hal, Har, Hart, Haw, Hazel, Hol, Hunt, Kel, Kings, Lang, Lin, Long, Mar, May, Mid, Mil, New, Nor, Oak, Old, Pem, Pres, Red, Rock, Ros, Rush, Sand, Shel, Shir, Stan, Stock, Sutt, Thorn, Tre, Wake, Wal, Wes, Whit, Wil, Win, Wood',
);
const surnameEnds = listOf(
  'ton, ley, ford, field, man, wood, well, worth, berg, ham, stein, land, by, more, brook, wick, ridge, bury, combe, stead, shaw, mark, strom',
);

/** A rare but believable surname: about 1,500 of them. */
export function composeSurname(pick: (list: NonEmpty<string>) => string): string {
  return `${pick(surnameStarts)}${pick(surnameEnds)}`;
}
