export interface RandomState {
  a: number;
}
