/** Friendly words that a generated name begins with. */
export const ADJECTIVES: readonly string[] = (
  'able agile airy alert amber ample apt arctic artful atomic autumn aware balmy beaming blithe bold bonny bouncy ' +
  'brainy brave breezy bright brisk bronze bubbly buoyant calm candid carefree caring chatty cheerful chipper clean ' +
  'clear clever coastal cobalt cool copper cosmic cosy courtly crafty crimson crisp curious curly dainty dapper ' +
  'daring dashing deft diligent dreamy dusky eager early earnest earthy easy elated electric elegant emerald even ' +
  'exact fabled fair faithful famous fancy fearless festive fiery fleet fluffy fond frank free fresh friendly ' +
  'frosty funny gallant generous gentle giddy gifted gilded glad gleaming glossy golden graceful grand grateful ' +
  'great green handy happy hardy hazel hearty helpful hidden honest hopeful humble humming ideal indigo inland ' +
  'ivory jaunty jazzy jolly jovial joyful jubilant keen kind kindly lasting laughing lavender leafy learned light ' +
  'lilac limber lively lofty logical loyal lucid lucky lunar magic magnetic maroon marvelous mellow melodic merry ' +
  'mighty mild mindful mint misty modest mossy musical navy neat neighborly nifty nimble noble novel nutty ocean ' +
  'olive open orange organic original patient peaceful pearly peppy perky placid playful plucky poetic poised ' +
  'polished polite precise proud prudent purple quaint quick quiet quirky radiant rapid ready regal relaxed restful ' +
  'robust rosy rugged rustic sandy sapphire scarlet scenic serene shiny silent silken silver sincere sleek smart ' +
  'smiling smooth snappy snowy snug social solar solid sonic sparkly spirited splendid spry stable starry steady ' +
  'stellar sterling sturdy subtle summer sunny supple sure tactful tangy tender thankful thrifty tidy timely ' +
  'tranquil trusty truthful twinkling upbeat urbane valiant velvet verdant vibrant vivid warm watchful wavy ' +
  'whimsical wily windy winsome wise witty wondrous woolly young youthful zany zealous zesty zippy'
).split(' ')

/** Animals that a generated name ends with. */
export const ANIMALS: readonly string[] = (
  'aardvark albatross alpaca anchovy anemone ant anteater antelope armadillo auk avocet axolotl badger bandicoot ' +
  'barracuda basilisk bat beagle bear beaver bee beetle beluga bison blackbird bluebird boa bobcat bongo bonobo ' +
  'buffalo bullfinch bunting butterfly buzzard caiman camel canary capybara caracal cardinal caribou carp cassowary ' +
  'cat caterpillar chaffinch chameleon cheetah chickadee chicken chinchilla chipmunk cicada civet clam cockatoo cod ' +
  'collie condor coral corgi cormorant cougar cow coyote crab crane cricket crocodile crow cuckoo curlew dalmatian ' +
  'damselfly deer dingo dolphin donkey dormouse dove dragonfly duck dugong eagle echidna eel egret eider eland ' +
  'elephant elk emu ermine falcon ferret finch firefly flamingo flounder fox frog gannet gazelle gecko gerbil ' +
  'gibbon giraffe gnu goat goldfinch goldfish goose gopher goshawk grasshopper grebe greyhound grouse guanaco gull ' +
  'guppy haddock halibut hamster hare harrier hawk hedgehog heron herring hippo hoopoe hornbill horse hound ' +
  'hummingbird husky ibex ibis iguana impala jackal jackdaw jackrabbit jaguar jay jellyfish kakapo kangaroo kestrel ' +
  'kingfisher kinkajou kite kiwi koala koi kookaburra kudu labrador ladybird lapwing lark lemming lemur leopard ' +
  'limpet linnet lion lionfish lizard llama lobster loon loris lynx macaque macaw magpie mallard manatee mandrill ' +
  'manta marlin marmot marten meerkat merlin mink minnow mockingbird mole mongoose moose moth mouse mule muskox ' +
  'narwhal newt nightingale nuthatch ocelot octopus okapi opossum orca oriole oryx osprey ostrich otter owl ox ' +
  'oyster panda pangolin panther parakeet parrot partridge peacock pelican penguin perch petrel pheasant pigeon ' +
  'pika pike piranha plover pony poodle porcupine porpoise possum puffin puma python quail quetzal quokka quoll ' +
  'rabbit raccoon ram raven ray reindeer rhino roadrunner robin rook sable salamander salmon sandpiper sardine ' +
  'scallop seahorse seal serval shark sheep shrew shrimp skylark sloth snail snipe spaniel sparrow squid squirrel ' +
  'stallion starfish starling stingray stoat stork sturgeon swallow swan swift takahe tamarin tapir tarsier teal ' +
  'tern terrapin terrier thrush tiger toad tortoise toucan trout tuna turkey turtle urchin vicuna viper vole ' +
  'wallaby walrus warbler waxwing weasel whale whippet wildcat wolf wombat woodpecker wren yak zebra zebu'
).split(' ')
